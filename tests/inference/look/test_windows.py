"""Windows answer as if they had been looked at alone, and the best ones hardly overlap."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.prediction import Box
from inference.look.policy import DEFAULT_POLICY, FINE_SCAN_SIZES, LARGE_SCAN_SIZES, PASS_PX, SCAN_SIZES
from inference.look.windows import Cells, around, best_windows, overlap, scan_size

NO_DOG = 2
EAGER = replace(DEFAULT_POLICY, dog=0.0)


@given(st.integers(1, 6), st.integers(1, 9), st.integers(0, 99))
def test_means_are_those_of_the_cells(height: int, width: int, seed: int) -> None:
    logits = np.random.default_rng(seed).normal(size=(6, 9, 3)).astype(np.float32)

    means = Cells(logits).means(height, width)

    assert means.shape == (7 - height, 10 - width, 3)
    np.testing.assert_allclose(means[-1, -1], logits[6 - height :, 9 - width :].mean((0, 1)), atol=1e-5)


def test_a_box_has_the_mean_of_the_cells_that_it_touches() -> None:
    logits = np.random.default_rng(0).normal(size=(10, 20, 3)).astype(np.float32)

    np.testing.assert_allclose(Cells(logits).within(Box(0.1, 0.25, 0.3, 0.5)), logits[2:8, 2:8].mean((0, 1)), atol=1e-5)
    np.testing.assert_allclose(Cells(logits).within(Box(0, 0, 1, 1)), logits.mean((0, 1)), atol=1e-5)


def test_windows_lie_on_the_dogs_and_apart() -> None:
    logits = np.zeros((14, 18, 3), np.float32)
    logits[..., NO_DOG] = 6
    logits[:7, :7] = (9, 0, 0)
    logits[7:, 11:] = (0, 9, 0)

    best = best_windows(Cells(logits), NO_DOG, 600, DEFAULT_POLICY, DEFAULT_POLICY.windows)

    assert len(best) >= 2
    assert {overlap(best[0].box, best[1].box)} == {0.0}
    for corner in (Box(0, 0, 7 / 18, 0.5), Box(11 / 18, 0.5, 7 / 18, 0.5)):
        assert max(overlap(corner, one.box) for one in best) > 0.8
    assert all(overlap(a.box, b.box) <= 0.15 for a in best for b in best if a is not b)


@pytest.mark.parametrize(("short_px", "smallest"), [(224, 0.9), (400, 0.5), (720, 0.34)])
def test_a_window_has_pixels_of_its_own_to_show(short_px: int, smallest: float) -> None:
    logits = np.zeros((50, 50, 3), np.float32)
    logits[..., NO_DOG] = 30
    logits[:17, :17] = (9, 0, 0)

    windows = best_windows(Cells(logits), NO_DOG, short_px, EAGER, DEFAULT_POLICY.windows)
    sides = [one.box.width for one in windows]

    assert min(sides) == pytest.approx(smallest, abs=0.011)


def test_where_no_cell_shows_a_dog_there_is_no_window() -> None:
    logits = np.zeros((14, 14, 3), np.float32)
    logits[..., NO_DOG] = 6

    assert best_windows(Cells(logits), NO_DOG, 600, DEFAULT_POLICY, DEFAULT_POLICY.windows) == []


@pytest.mark.parametrize(
    ("photo", "size"),
    [((500, 500), (448, 448)), ((400, 300), (576, 448)), ((300, 400), (448, 576)), ((2200, 100), (1984, 128))],
)
def test_photos_are_scanned_in_their_shape(photo: tuple[int, int], size: tuple[int, int]) -> None:
    assert scan_size(*photo) == size


def test_a_scan_costs_about_five_passes_whatever_the_shape() -> None:
    assert all(4 <= short * long / PASS_PX < 5.3 for short, long in SCAN_SIZES)
    assert all(side % 32 == 0 for size in SCAN_SIZES for side in size)


@pytest.mark.parametrize(
    ("photo", "size"),
    [((500, 500), (256, 256)), ((400, 300), (352, 256)), ((500, 1000), (256, 512)), ((2200, 100), (1984, 128))],
)
def test_large_dogs_are_found_for_less(photo: tuple[int, int], size: tuple[int, int]) -> None:
    assert scan_size(*photo, large=True) == size
    assert all(short * long / PASS_PX < 5.3 for short, long in LARGE_SCAN_SIZES)
    assert all(side % 32 == 0 for size in LARGE_SCAN_SIZES for side in size)


def test_smaller_dogs_are_looked_for_where_a_photo_has_the_pixels() -> None:
    assert (scan_size(640, 480), scan_size(960, 720)) == ((576, 448), (672, 512))
    assert all(4 <= short * long / PASS_PX < 7.1 for short, long in FINE_SCAN_SIZES)
    assert all(side % 32 == 0 for size in FINE_SCAN_SIZES for side in size)


def test_no_part_of_a_large_dog_is_a_window() -> None:
    logits = np.zeros((8, 8, 3), np.float32)
    logits[..., NO_DOG] = 30
    logits[:3, :3] = (9, 0, 0)

    [large] = best_windows(Cells(logits), NO_DOG, 800, EAGER, DEFAULT_POLICY.large_windows)
    [small] = best_windows(Cells(logits), NO_DOG, 800, EAGER, DEFAULT_POLICY.windows)

    assert (large.box.width, small.box.width) == (0.5, 0.375)


def test_the_box_around_boxes_holds_them() -> None:
    assert around([Box(0.1, 0.2, 0.3, 0.1), Box(0.5, 0.1, 0.25, 0.125)]) == pytest.approx(Box(0.1, 0.1, 0.65, 0.2))
