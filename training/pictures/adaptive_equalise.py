"""Histogram equalisation that follows the light across the picture, with bounded gain (CLAHE).

Zuiderveld 1994, "Contrast limited adaptive histogram equalization", Graphics Gems IV.
"""

import numpy as np
from numpy.typing import NDArray

TILES = 8
GAIN_LIMIT = 2.0  # contrast grows at most three times (this, and what is cut off, spread evenly): noise stays noise


def adaptive_equalise(grey: NDArray[np.uint8], tiles: int = TILES, limit: float = GAIN_LIMIT) -> NDArray[np.uint8]:
    """uint8 [H, W] → uint8 [H, W].

    Args:
        grey: brightness.
        tiles: along each side; every tile has the curve of its own histogram, pixels in between mix their neighbours'.
        limit: of a histogram's bins, times their mean.
    """
    tiles = min(tiles, *grey.shape)
    curves = _curves(grey, tiles, limit)
    (top, bottom, down), (left, right, along) = (_neighbours(side, tiles) for side in grey.shape)
    mixed = np.zeros(grey.shape, np.float32)
    for row, share_down in ((top, 1 - down), (bottom, down)):
        for column, share_along in ((left, 1 - along), (right, along)):
            mixed += share_down[:, None] * share_along * curves[row[:, None], column, grey]
    return np.rint(mixed).astype(np.uint8)


def _curves(grey: NDArray[np.uint8], tiles: int, limit: float) -> NDArray[np.float32]:
    """float32 [tiles, tiles, 256]: what becomes of each brightness in each tile."""
    rows, columns = ([side * number // tiles for number in range(tiles + 1)] for side in grey.shape)
    curves = np.empty((tiles, tiles, 256), np.float32)
    for row in range(tiles):
        for column in range(tiles):
            tile = grey[rows[row] : rows[row + 1], columns[column] : columns[column + 1]]
            share = np.bincount(tile.ravel(), minlength=256) / tile.size
            clipped = np.minimum(share, limit / 256)
            clipped += (1 - clipped.sum()) / 256
            curves[row, column] = 255 * np.cumsum(clipped)
    return curves.clip(0, 255)


def _neighbours(side: int, tiles: int) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float32]]:
    """For each pixel of a side: the tiles whose middles it lies between, and how near it is to the second."""
    position = ((np.arange(side) + 0.5) * tiles / side - 0.5).clip(0, tiles - 1).astype(np.float32)
    before = position.astype(np.intp)
    return before, np.minimum(before + 1, tiles - 1), position - before
