"""The study's ranges to the letter: how far the dog turns, moves, shears and grows, and what fills the rim."""

import math
import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from inference.photo.preprocess import Preprocessing
from training.pictures.study_augmentation import StudyAugmentation

Pixels = NDArray[np.uint8]
STILL = StudyAugmentation(rotation_degrees=0, shift=0, shear=0, zoom=0, flip=False)
SIDE = 101


def photo(height: int, width: int) -> Pixels:
    return np.random.default_rng(height * width).integers(0, 256, (height, width, 3), np.uint8)


def spots(*places: tuple[int, int]) -> Pixels:
    """White discs of 7 pixels on black, at (x, y) from the middle."""
    y, x = np.mgrid[:SIDE, :SIDE] - SIDE // 2
    lit = np.any([np.hypot(x - left, y - down) <= 3.5 for left, down in places], axis=0)
    return np.repeat(np.where(lit, 255, 0).astype(np.uint8)[..., None], 3, axis=2)


def seen(image: Pixels) -> tuple[float, float]:
    """Where the light is, (x, y) from the middle in pixels."""
    weight = image[..., 0].astype(float)
    y, x = np.mgrid[: len(image), : len(image)] - (len(image) - 1) / 2
    return float((x * weight).sum() / weight.sum()), float((y * weight).sum() / weight.sum())


def varied(augmentation: StudyAugmentation, place: tuple[int, int], count: int = 200) -> NDArray[np.float64]:
    """float [count, 2]: where a spot comes to lie."""
    return np.array([seen(augmentation(spots(place), SIDE, random.Random(seed))) for seed in range(count)])


@given(height=st.integers(1, 90), width=st.integers(1, 90), size=st.integers(1, 48), seed=st.integers(0, 2**32))
@settings(max_examples=60)
def test_any_picture_becomes_an_input_the_same_for_the_same_seed(height: int, width: int, size: int, seed: int) -> None:
    one, two = (StudyAugmentation()(photo(height, width), size, random.Random(seed)) for _ in range(2))

    assert one.shape == (size, size, 3)
    assert one.dtype == np.uint8
    np.testing.assert_array_equal(one, two)


def test_the_ranges_are_the_studys() -> None:
    ranges = StudyAugmentation()

    assert (ranges.rotation_degrees, ranges.shift, ranges.shear, ranges.zoom, ranges.flip) == (40, 0.2, 0.2, 0.2, True)


def test_without_any_variation_it_only_resizes() -> None:
    expected = Preprocessing(32, rule="squash")(photo(40, 70))

    np.testing.assert_array_equal(STILL(photo(40, 70), 32, random.Random(1)), expected)


def test_mirroring_happens_in_half_of_the_cases() -> None:
    mirrored = StudyAugmentation(0, 0, 0, 0, flip=True)
    original = photo(20, 20)

    found = [mirrored(original, 20, random.Random(seed)).tobytes() for seed in range(200)]

    assert set(found) == {original.tobytes(), original[:, ::-1].tobytes()}
    assert 70 <= found.count(original.tobytes()) <= 130


def test_it_turns_by_up_to_40_degrees_to_either_side_about_the_middle() -> None:
    places = varied(StudyAugmentation(40, 0, 0, 0, flip=False), (30, 0))

    angles = np.degrees(np.arctan2(places[:, 1], places[:, 0]))
    assert angles.min() == pytest.approx(-40, abs=2)
    assert angles.max() == pytest.approx(40, abs=2)
    np.testing.assert_allclose(np.hypot(*places.T), 30, atol=0.5)


def test_it_shifts_by_up_to_a_fifth_of_each_side() -> None:
    places = varied(StudyAugmentation(0, 0.2, 0, 0, flip=False), (0, 0))

    for axis in (0, 1):
        assert places[:, axis].min() == pytest.approx(-0.2 * SIDE, abs=1)
        assert places[:, axis].max() == pytest.approx(0.2 * SIDE, abs=1)
    assert abs(np.mean(np.prod(places / SIDE, axis=1))) < 0.003, "each on its own"


def test_it_shears_the_top_against_the_bottom_by_up_to_a_fifth_and_leaves_the_middle() -> None:
    shearing = StudyAugmentation(0, 0, 0.2, 0, flip=False)

    top, middle = varied(shearing, (0, -40)), varied(shearing, (0, 0), 20)

    assert top[:, 0].min() == pytest.approx(-0.2 * 40, abs=0.5)
    assert top[:, 0].max() == pytest.approx(0.2 * 40, abs=0.5)
    np.testing.assert_allclose(top[:, 1], -40, atol=0.3)
    np.testing.assert_allclose(middle, 0, atol=0.3)


def test_it_shows_80_to_120_percent_of_width_and_height() -> None:
    places = varied(StudyAugmentation(0, 0, 0, 0.2, flip=False), (30, 30))

    for axis in (0, 1):
        assert places[:, axis].min() == pytest.approx(30 / 1.2, abs=0.5)
        assert places[:, axis].max() == pytest.approx(30 / 0.8, abs=0.5)


@given(seed=st.integers(0, 2**32))
@settings(max_examples=60)
def test_whatever_is_drawn_lies_within_all_ranges_at_once(seed: int) -> None:
    matrix, shift = StudyAugmentation().draw(random.Random(seed))

    assert np.abs(shift).max() <= 0.2
    angle = math.atan2(matrix[1, 0], matrix[0, 0])  # the first column is the rotated x axis, zoomed
    cos, sin = math.cos(angle), math.sin(angle)
    zoomed_and_sheared = np.array([[cos, sin], [-sin, cos]]) @ matrix
    assert abs(math.degrees(angle)) <= 40 + 1e-9
    assert 0.8 - 1e-9 <= zoomed_and_sheared[0, 0] <= 1.2 + 1e-9
    assert 0.8 - 1e-9 <= zoomed_and_sheared[1, 1] <= 1.2 + 1e-9
    assert abs(zoomed_and_sheared[0, 1] / zoomed_and_sheared[1, 1]) <= 0.2 + 1e-9


@given(seed=st.integers(0, 2**32))
@settings(max_examples=40)
def test_no_black_corner_comes_into_view(seed: int) -> None:
    bright = np.full((60, 80, 3), 200, np.uint8)

    assert (StudyAugmentation()(bright, 40, random.Random(seed)) == 200).all()
