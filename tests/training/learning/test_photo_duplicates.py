"""Copies count once: eight variants of one photo are one, and golden photos are known mirrored and cut."""

import numpy as np
import pytest
from made_photos import scene
from PIL import Image, ImageOps

from training.data.check.copies import Fingerprints, sketch
from training.learning.photos.duplicates import alike_any, same_photos

RNG = np.random.default_rng(3)


def cut(photo: Image.Image, left: float, top: float, side: float = 0.87) -> Image.Image:
    width, height = photo.size
    return photo.crop((
        round(left * width), round(top * height), round((left + side) * width), round((top + side) * height),
    ))  # fmt: skip


def variants(photo: Image.Image) -> list[Image.Image]:
    recoloured = Image.fromarray((np.asarray(photo.convert("RGB")) * [0.8, 1.0, 0.6]).astype(np.uint8))
    return [
        photo, ImageOps.mirror(photo), cut(photo, 0, 0), cut(photo, 0.13, 0.13), ImageOps.mirror(cut(photo, 0.1, 0)),
        recoloured, photo.resize((photo.width // 2, photo.height // 2)), ImageOps.mirror(cut(recoloured, 0.05, 0.05)),
    ]  # fmt: skip


@pytest.fixture(scope="module")
def sketches() -> np.ndarray:
    """Of eight variants of a photo, then of eight of another one."""
    return np.stack([sketch(one) for number in (1, 2) for one in variants(scene(number))])


@pytest.fixture(scope="module")
def features() -> np.ndarray:
    """What a network makes of them: alike, and not alike enough to tell copies by."""
    of_breed = RNG.normal(size=64) * 3
    return np.stack([of_breed + RNG.normal(size=64) for _ in range(16)]).astype(np.float32)


def test_eight_variants_of_one_photo_are_one(sketches: np.ndarray, features: np.ndarray) -> None:
    names = [f"{number:064}" for number in range(16)]

    assert same_photos(names, features) == list(range(16))
    assert same_photos(names, features, sketches) == [0] * 8 + [8] * 8


def test_a_measured_photo_is_known_mirrored_and_cut(sketches: np.ndarray, features: np.ndarray) -> None:
    golden, golden_sketches = features[:1], sketches[:1]

    found = alike_any(features, golden, sketches, golden_sketches)

    assert found.tolist() == [True] * 8 + [False] * 8
    assert alike_any(features, golden).tolist() == [True] + [False] * 15


def test_two_dogs_of_one_photo_are_two(sketches: np.ndarray, features: np.ndarray) -> None:
    same = np.stack([sketches[0]] * 3)

    assert same_photos(["a", "a", "a"], features[:3], same, [0, 1, 1]) == [0, 1, 1]


def test_photos_without_fingerprints_are_like_nothing(sketches: np.ndarray, features: np.ndarray) -> None:
    assert same_photos(["a", "b"], features[:2], np.zeros_like(sketches[:2])) == [0, 1]
    prints = Fingerprints.of(sketches)

    assert not prints.copies(prints, np.array([[0, 8], [1, 9]])).any()
