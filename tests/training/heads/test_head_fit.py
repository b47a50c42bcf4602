"""The head's fit is what it says: multinomial logistic regression with a penalty, solved to the minimum."""

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.special import log_softmax

from training.heads.head_fit import FittedHead, fit_head

L2 = 0.003


def blobs(
    classes: int, each: int, width: int, spread: float, seed: int = 1
) -> tuple[NDArray[np.float32], NDArray[np.intp]]:
    rng = np.random.default_rng(seed)
    labels = np.repeat(np.arange(classes), each)
    centres = rng.gamma(1, 2, (classes, width))
    return (centres[labels] + rng.normal(scale=spread, size=(len(labels), width))).astype(np.float32), labels


def objective(
    head: FittedHead,
    features: NDArray[np.float32],
    labels: NDArray[np.intp],
    sample_weights: NDArray[np.float64] | None = None,
) -> float:
    """The stated loss in float64, written down anew: mean log loss + L2 / 2 of the weights of standardised features."""
    scale = float(features.std(axis=0).mean())
    logits = features.astype(np.float64) @ head.weights.astype(np.float64) + head.bias
    losses = -log_softmax(logits, axis=1)[np.arange(len(labels)), labels]
    return float(np.average(losses, weights=sample_weights)) + L2 / 2 * float(((head.weights * scale) ** 2).sum())


def test_separable_photos_are_separated() -> None:
    features, labels = blobs(5, 30, 64, 0.3)

    head = fit_head(features, labels, 5, l2=1e-4)

    assert (head.logits(features).argmax(axis=1) == labels).all()
    assert head.weights.shape == (64, 5)
    assert head.weights.dtype == head.bias.dtype == np.float32


def test_the_gradient_at_the_solution_is_numerically_zero_in_every_direction() -> None:
    features, labels = blobs(4, 25, 12, 3.0)
    head = fit_head(features, labels, 4, l2=L2)
    best = objective(head, features, labels)
    rng = np.random.default_rng(2)

    for _ in range(40):
        step = np.float32(1e-2)
        towards = rng.normal(size=head.weights.shape).astype(np.float32)
        sideways = rng.normal(size=head.bias.shape).astype(np.float32)
        towards, sideways = (
            part / np.hypot(np.linalg.norm(towards), np.linalg.norm(sideways)) for part in (towards, sideways)
        )
        there, back = (
            objective(FittedHead(head.weights + way * towards, head.bias + way * sideways), features, labels)
            for way in (step, -step)
        )
        assert abs(there - back) / (2 * step) < 2e-3
        assert there + back - 2 * best > 0, "a minimum, and convex around it"


def test_the_order_of_the_photos_and_of_the_classes_changes_nothing() -> None:
    features, labels = blobs(4, 25, 12, 3.0)
    head = fit_head(features, labels, 4, l2=L2)
    rows, classes = np.random.default_rng(3).permutation(len(labels)), np.array([2, 0, 3, 1])

    shuffled = fit_head(features[rows], labels[rows], 4, l2=L2)
    renamed = fit_head(features, classes[labels], 4, l2=L2)

    np.testing.assert_allclose(shuffled.logits(features), head.logits(features), atol=0.02)
    np.testing.assert_allclose(renamed.logits(features)[:, classes], head.logits(features), atol=0.02)


def test_a_weight_of_two_is_the_photo_twice_and_of_zero_is_no_photo() -> None:
    features, labels = blobs(3, 20, 8, 3.0)
    weights = np.ones(len(labels))
    weights[:15], weights[30:40] = 2, 0
    repeated = np.repeat(np.arange(len(labels)), weights.astype(int))

    weighted = fit_head(features, labels, 3, l2=L2, sample_weights=weights.tolist())

    scale_differs = features.std(axis=0).mean() / features[repeated].std(axis=0).mean()
    twice = fit_head(features[repeated], labels[repeated], 3, l2=L2 * float(scale_differs) ** 2)
    np.testing.assert_allclose(weighted.logits(features), twice.logits(features), atol=0.05)


def test_a_stronger_penalty_gives_smaller_weights() -> None:
    features, labels = blobs(3, 20, 8, 1.0)

    norms = [float(np.linalg.norm(fit_head(features, labels, 3, l2=l2).weights)) for l2 in (1e-4, 1e-2, 1.0)]

    assert norms == sorted(norms, reverse=True)


def test_the_scale_of_the_features_changes_no_logit() -> None:
    features, labels = blobs(3, 20, 8, 2.0)

    one, thousand = (fit_head(features * factor, labels, 3, l2=L2) for factor in (1, 1000))

    np.testing.assert_allclose(thousand.logits(features * 1000), one.logits(features), atol=0.02)


def test_a_class_without_photos_is_never_answered() -> None:
    features, labels = blobs(3, 20, 8, 1.0)

    head = fit_head(features, labels, 4, l2=L2)

    assert (head.logits(features).argmax(axis=1) != 3).all()
    assert np.isfinite(head.bias).all()


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_features_of_any_precision_fit(dtype: type[np.floating]) -> None:
    features, labels = blobs(3, 20, 8, 0.5)

    head = fit_head(features.astype(dtype), labels, 3, l2=L2)

    assert (head.logits(features.astype(dtype)).argmax(axis=1) == labels).mean() > 0.95


def test_soft_labels_that_are_certain_are_labels() -> None:
    features, labels = blobs(3, 20, 8, 2.0)

    soft = fit_head(features, np.eye(3)[labels], 3, l2=L2)

    np.testing.assert_array_equal(soft.weights, fit_head(features, labels, 3, l2=L2).weights)


def test_soft_labels_are_the_photo_under_each_label_with_its_share() -> None:
    features, labels = blobs(3, 20, 8, 2.0)
    other = (labels + 1) % 3
    soft = 0.75 * np.eye(3)[labels] + 0.25 * np.eye(3)[other]

    head = fit_head(features, soft, 3, l2=L2)

    shares = [0.75] * len(labels) + [0.25] * len(labels)
    twice = fit_head(
        np.concatenate([features, features]), np.concatenate([labels, other]), 3, l2=L2, sample_weights=shares
    )
    np.testing.assert_allclose(head.logits(features), twice.logits(features), atol=0.02)


def test_a_start_near_the_end_saves_steps_and_leads_to_the_same_head() -> None:
    features, labels = blobs(4, 25, 12, 3.0)
    features += 100  # a start must survive the change of coordinates
    solved = fit_head(features, labels, 4, l2=L2)

    again = fit_head(features, labels, 4, l2=L2, start=solved, max_steps=1)
    far = fit_head(features, labels, 4, l2=L2, max_steps=1)

    best = objective(solved, features, labels)
    assert objective(again, features, labels) <= best + 1e-4
    assert objective(far, features, labels) > best + 0.01


def test_without_a_penalty_and_with_features_that_say_nothing_there_is_still_a_head() -> None:
    features = np.ones((12, 6), np.float32)
    features[:, 0] = np.arange(12)

    head = fit_head(features, np.arange(12) % 3, 3, l2=0.0)

    assert np.isfinite(head.logits(features)).all()


def test_a_penalty_towards_a_head_leaves_what_the_photos_do_not_speak_of() -> None:
    features, labels = blobs(3, 30, 24, 0.5)
    before = fit_head(features, labels, 3, l2=L2)
    wide = np.hstack([features, np.zeros((len(features), 4), np.float32)])
    anchor = FittedHead(np.vstack([before.weights, np.full((4, 3), 0.5, np.float32)]), before.bias)

    after = fit_head(wide, labels, 3, l2=L2, towards=anchor)

    np.testing.assert_allclose(after.weights[24:], 0.5, atol=1e-4)
    assert (after.logits(wide).argmax(axis=1) == labels).all()


def test_answers_of_a_head_as_targets_make_that_head_the_optimum() -> None:
    features, labels = blobs(3, 30, 24, 3.0)
    before = fit_head(features, labels, 3, l2=L2)
    answers = np.exp(log_softmax(before.logits(features), axis=1))

    after = fit_head(features, answers, 3, l2=L2, towards=before)

    np.testing.assert_allclose(after.logits(features), before.logits(features), atol=1e-3)
