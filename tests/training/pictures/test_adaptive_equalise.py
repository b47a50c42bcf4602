"""Brightness is spread tile by tile, within bounds and without seams."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from training.pictures.adaptive_equalise import adaptive_equalise


@given(height=st.integers(1, 50), width=st.integers(1, 50), seed=st.integers(0, 2**32))
@settings(max_examples=40)
def test_any_picture_keeps_its_shape(height: int, width: int, seed: int) -> None:
    grey = np.random.default_rng(seed).integers(0, 256, (height, width), np.uint8)

    changed = adaptive_equalise(grey)

    assert changed.shape == grey.shape
    assert changed.dtype == np.uint8


def test_one_tile_without_a_limit_is_plain_equalisation() -> None:
    grey = np.repeat(np.arange(100, 116, dtype=np.uint8), 16).reshape(16, 16)

    changed = adaptive_equalise(grey, tiles=1, limit=256)

    np.testing.assert_array_equal(np.unique(changed), np.rint(255 * np.arange(1, 17) / 16))


def test_the_limit_bounds_the_gain() -> None:
    grey = np.random.default_rng(1).integers(120, 124, (64, 64), np.uint8)

    gentle, strong = (int(np.ptp(adaptive_equalise(grey, limit=limit))) for limit in (2.0, 256.0))

    assert 3 < gentle <= 3 * (2 + 1)
    assert strong > 100


def test_one_grey_is_light_among_dark_and_dark_among_light() -> None:
    rng = np.random.default_rng(1)
    grey = np.hstack([rng.integers(20, 61, (80, 80)), rng.integers(60, 121, (80, 80))]).astype(np.uint8)
    grey[40, [10, 150]] = 60

    among_dark, among_light = adaptive_equalise(grey)[40, [10, 150]].astype(int)

    assert among_dark > among_light + 20


def test_a_smooth_picture_stays_smooth_across_tiles() -> None:
    ramp = np.linspace(60, 180, 160).astype(np.uint8)
    grey = np.tile(ramp, (160, 1))

    changed = adaptive_equalise(grey).astype(int)

    assert np.abs(np.diff(changed, axis=1)).max() <= 6
    assert np.abs(np.diff(changed, axis=0)).max() == 0
