"""Features that stand out from the crowd are of one picture; pairs become groups."""

import numpy as np

from training.data.check.near_duplicates import alike_features, groups_of


def test_features_are_alike_where_they_stand_out_from_the_crowd() -> None:
    rng = np.random.default_rng(1)
    breeds = np.repeat(rng.normal(size=(3, 64)), 20, axis=0)
    dogs = breeds + 0.2 * rng.normal(size=(60, 64))  # within a breed cosines are 0.96
    again = dogs[[4, 25]] + 0.1 * rng.normal(size=(2, 64))
    nothing = np.full((2, 64), np.nan)

    assert alike_features(np.concatenate([dogs, again, nothing])) == [(4, 60), (25, 61)]


def test_few_features_are_compared_too() -> None:
    assert alike_features(np.array([[1, 0], [1, 0.001], [0, 1]], np.float16)) == [(0, 1)]
    assert alike_features(np.zeros((0, 8), np.float16)) == []


def test_pairs_become_groups_over_each_other() -> None:
    assert groups_of(6, [(0, 1), (4, 5), (1, 3)]) == [[0, 1, 3], [4, 5]]
    assert groups_of(3, []) == []
