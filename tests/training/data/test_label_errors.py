"""Confident learning finds the labels that were changed, and few others."""

import numpy as np
import pytest
from numpy.typing import NDArray

pytest.importorskip("scipy")

from training.data.check.label_errors import noise_share, suspected_labels
from training.heads.out_of_fold import out_of_fold

CLASSES, EACH, WIDTH = 5, 60, 32


@pytest.fixture(scope="module")
def features() -> NDArray[np.float32]:
    """Five clouds that touch."""
    rng = np.random.default_rng(3)
    centres = rng.normal(size=(CLASSES, WIDTH))
    clouds = np.repeat(centres, EACH, axis=0) + 0.45 * rng.normal(size=(CLASSES * EACH, WIDTH))
    return np.maximum(clouds, 0).astype(np.float32)


@pytest.fixture(scope="module")
def truth() -> NDArray[np.intp]:
    return np.repeat(np.arange(CLASSES), EACH)


def groups(count: int) -> list[str]:
    return [str(row) for row in range(count)]


def test_wrong_labels_are_found_with_what_they_should_be(
    features: NDArray[np.float32], truth: NDArray[np.intp]
) -> None:
    rng = np.random.default_rng(5)
    changed = rng.choice(len(truth), 18, replace=False)
    labels = truth.copy()
    labels[changed] = (truth[changed] + rng.integers(1, CLASSES, len(changed))) % CLASSES

    probabilities = out_of_fold(features, labels, groups(len(labels)), CLASSES)
    suspects = suspected_labels(probabilities, labels)

    found = {suspect.row for suspect in suspects}
    assert len(found & set(changed.tolist())) >= 15
    assert len(found - set(changed.tolist())) <= 3
    assert sum(truth[suspect.row] == suspect.suspected for suspect in suspects) >= 15
    assert [suspect.margin for suspect in suspects] == sorted((one.margin for one in suspects), reverse=True)
    assert 0.03 < noise_share(probabilities, labels) < 0.1  # 18 of 300 are 0.06


def test_right_labels_are_left_alone(features: NDArray[np.float32], truth: NDArray[np.intp]) -> None:
    probabilities = out_of_fold(features, truth, groups(len(truth)), CLASSES)

    assert len(suspected_labels(probabilities, truth)) <= 3
    assert noise_share(probabilities, truth) <= 0.02


def test_a_near_duplicate_with_the_same_wrong_label_does_not_defend_it(
    features: NDArray[np.float32], truth: NDArray[np.intp]
) -> None:
    twice = np.concatenate([features, features[:8]])
    labels = np.concatenate([truth, truth[:8]])
    labels[:8] = labels[-8:] = 4  # of 60 in truth, 8 and their doubles
    together = [*groups(len(truth)), *groups(8)]

    apart = suspected_labels(out_of_fold(twice, labels, groups(len(labels)), CLASSES), labels)
    joined = suspected_labels(out_of_fold(twice, labels, together, CLASSES), labels)

    rows = {*range(8), *range(len(truth), len(labels))}
    assert len(rows & {one.row for one in joined}) > len(rows & {one.row for one in apart})


def test_the_confident_joint_is_that_of_the_paper() -> None:
    probabilities = np.array([[0.9, 0.1], [0.7, 0.3], [0.2, 0.8], [0.1, 0.9], [0.3, 0.7], [0.6, 0.4]], np.float32)
    labels = np.array([0, 0, 0, 1, 1, 1])

    suspects = suspected_labels(probabilities, labels)

    # Thresholds are 0.6 and 0.667. Row 2 reaches the other's and not its own; row 5 likewise, at exactly 0.6.
    assert [(one.row, one.given, one.suspected) for one in suspects] == [(2, 0, 1), (5, 1, 0)]
    assert [one.suspected_probability for one in suspects] == pytest.approx([0.8, 0.6])
    assert [one.margin for one in suspects] == pytest.approx([0.6, 0.2])
    assert noise_share(probabilities, labels) == pytest.approx(1 / 3)


def test_what_is_plainly_another_label_is_suspected_however_sure_heads_usually_are() -> None:
    sure, doubtful = [0.999, 0.001], [0.014, 0.986]
    probabilities = np.array([sure] * 200 + [doubtful] + [sure[::-1]] * 200, np.float32)
    labels = np.array([0] * 201 + [1] * 200)

    assert [one.row for one in suspected_labels(probabilities, labels)] == [200]
