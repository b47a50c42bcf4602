"""The same picture is found again whatever was done to it; different pictures of one kind are left apart."""

import numpy as np
import pytest
from made_photos import cut_out, reposts, scene, sketch

from training.data.check.near_duplicates import alike_features, alike_sketches, groups_of


@pytest.mark.parametrize("seed", range(3))
def test_a_picture_is_found_again_whatever_was_done_to_it(seed: int) -> None:
    photo = scene(seed)
    changed = reposts(photo)

    for name, again in changed.items():
        pairs = alike_sketches(np.stack([sketch(scene(99)), sketch(photo), sketch(again)]))

        assert pairs == [(1, 2)], name


def test_other_pictures_are_other_pictures() -> None:
    scenes = [sketch(scene(seed)) for seed in range(100)]
    shapes = [sketch(cut_out(seed)) for seed in range(100)]
    flat = [np.full((32, 32), grey, np.uint8) for grey in (0, 128, 255, 255)]

    assert len(alike_sketches(np.stack([*scenes, *shapes, *flat]))) <= 1  # of 20,706 pairs


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
