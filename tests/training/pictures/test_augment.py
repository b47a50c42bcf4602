"""Every augmented photo is a whole input of the network, another one each time, and the same one for the same seed."""

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from training.pictures.augment import Augmentation


def photo(height: int, width: int) -> NDArray[np.uint8]:
    return np.random.default_rng(height * width).integers(0, 256, (height, width, 3), np.uint8)


@given(height=st.integers(1, 300), width=st.integers(1, 300), size=st.integers(2, 64), seed=st.integers(0, 2**32))
@settings(max_examples=80)
def test_any_picture_becomes_an_input(height: int, width: int, size: int, seed: int) -> None:
    augmented = Augmentation()(photo(height, width), size, random.Random(seed))

    assert augmented.shape == (size, size, 3)
    assert augmented.dtype == np.uint8


@given(seed=st.integers(0, 2**32))
@settings(max_examples=20)
def test_the_same_seed_gives_the_same_pixels_and_leaves_the_photo_alone(seed: int) -> None:
    original = photo(60, 80)
    before = original.copy()

    one, two = (Augmentation()(original, 48, random.Random(seed)) for _ in range(2))

    np.testing.assert_array_equal(one, two)
    np.testing.assert_array_equal(original, before)


def test_each_call_varies_anew() -> None:
    rng = random.Random(1)

    varied = {Augmentation()(photo(60, 80), 32, rng).tobytes() for _ in range(20)}

    assert len(varied) == 20


def test_without_any_variation_only_mirroring_is_left() -> None:
    still = Augmentation(min_area=1, max_aspect=1, colour=0, jpeg=0, soften=0)
    original = photo(48, 48)

    seen = {still(original, 48, random.Random(seed)).tobytes() for seed in range(20)}

    assert seen == {original.tobytes(), original[:, ::-1].tobytes()}


@given(seed=st.integers(0, 2**32), height=st.integers(1, 4000), width=st.integers(1, 4000))
def test_a_crop_lies_within_the_photo_and_keeps_its_area_and_shape(seed: int, height: int, width: int) -> None:
    augmentation = Augmentation()

    left, top, right, bottom = augmentation._crop((width, height), random.Random(seed))

    assert 0 <= left < right <= width + 1e-6
    assert 0 <= top < bottom <= height + 1e-6
    cropped_w, cropped_h = right - left, bottom - top
    whole_side = cropped_w > width * 0.999999 or cropped_h > height * 0.999999
    assert whole_side or cropped_w * cropped_h >= augmentation.min_area * width * height * 0.999
    assert whole_side or 1 / augmentation.max_aspect * 0.999 <= cropped_w / cropped_h <= augmentation.max_aspect * 1.001


@pytest.mark.parametrize("colour", [0.1, 0.3])
def test_brightness_moves_within_its_share(colour: float) -> None:
    grey = np.full((32, 32, 3), 100, np.uint8)
    dim = Augmentation(colour=colour, jpeg=0, soften=0)

    means = [float(dim(grey, 16, random.Random(seed)).mean()) for seed in range(40)]

    assert min(means) >= 100 * (1 - colour) - 1.5
    assert max(means) <= 100 * (1 + colour) + 1.5
    assert max(means) - min(means) > 100 * colour


def test_a_border_makes_the_dog_small_and_leaves_it_whole() -> None:
    red = np.full((60, 80, 3), (200, 0, 0), np.uint8)
    framed = Augmentation(min_area=1, max_aspect=1.4, colour=0, jpeg=0, soften=0, border=1)

    shares = [float((framed(red, 48, random.Random(seed))[..., 0] == 200).mean()) for seed in range(40)]

    assert min(shares) < 0.6
    assert all(share >= 9 / 25 * 0.9 for share in shares)
