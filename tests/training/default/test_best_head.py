"""The penalty is as strong as the photos that choose it allow."""

import numpy as np

from core.breeds.catalogue import NOT_A_DOG
from training.default.best_head import as_likely, best_head
from training.features.labelled_features import LabelledFeatures

LABELS = ("beagle", "pug", NOT_A_DOG)


def drawn(count: int, seed: int) -> LabelledFeatures:
    """Three clouds that overlap, in as many of 20 directions."""
    rng = np.random.default_rng(seed)
    columns = rng.integers(0, 3, count)
    features = 2 * np.eye(20)[columns] + rng.normal(size=(count, 20))
    return LabelledFeatures(features.astype(np.float16), np.array(LABELS)[columns])


def targets(part: LabelledFeatures) -> np.ndarray:
    return np.eye(3, dtype=np.float32)[[LABELS.index(label) for label in part.labels]]


def test_of_penalties_that_are_as_good_the_strongest_is_taken() -> None:
    train = drawn(300, 1)

    _, l2 = best_head(train, targets(train), drawn(200, 2), LABELS, (0.003, 0.01))

    assert l2 == 0.01


def test_a_penalty_that_costs_likelihood_is_not_taken() -> None:
    train = drawn(300, 1)

    head, l2 = best_head(train, targets(train), drawn(200, 2), LABELS, (0.01, 1000.0))

    assert l2 == 0.01
    assert head.labels == LABELS


def test_what_is_worse_on_every_photo_is_not_as_likely() -> None:
    rng = np.random.default_rng(3)
    least = rng.random(400)

    assert as_likely(least, least)
    assert as_likely(least + rng.normal(0, 1, 400) - 0.1, least)
    assert not as_likely(least + 0.01, least)
