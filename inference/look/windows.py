"""From the answers of a map's cells to the windows of a photo that show a dog best. Pure NumPy.

The head is linear, so the mean of a window's logits is the answer of the mean of its features, exactly; an integral
image (Crow 1984) makes that mean free for any window.
"""

from collections.abc import Iterator
from math import log, sqrt
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.prediction import Box
from inference.look.policy import FINE_PX, FINE_SCAN_SIZES, LARGE_SCAN_SIZES, SCAN_SIZES, LookPolicy
from inference.model.head import softmax


class Window(NamedTuple):
    """A part of a photo, its best breed (the column), that one's probability, and how well it shows a dog."""

    box: Box
    breed: int
    sure: float
    score: float


class Cells:
    """The answers of a map's cells, and so of any window."""

    def __init__(self, logits: NDArray[np.float32]) -> None:
        """`logits`: float32 [h, w, labels], divided by the temperature."""
        self.rows, self.columns, labels = logits.shape
        self._sums = np.zeros((self.rows + 1, self.columns + 1, labels), np.float64)
        np.cumsum(np.cumsum(logits, 0, np.float64), 1, out=self._sums[1:, 1:])

    def means(self, height: int, width: int) -> NDArray[np.float64]:
        """Mean logits of every window of this size: float64 [rows, columns, labels] by its upper left cell."""
        sums = self._sums
        total = sums[height:, width:] - sums[:-height, width:] - sums[height:, :-width] + sums[:-height, :-width]
        return total / (height * width)

    def within(self, box: Box) -> NDArray[np.float64]:
        """Mean logits [labels] of the cells that a box touches."""
        rows, columns = touched(box, self.rows, self.columns)
        sums, top, bottom, left, right = self._sums, rows.start, rows.stop, columns.start, columns.stop
        total = sums[bottom, right] - sums[top, right] - sums[bottom, left] + sums[top, left]
        mean: NDArray[np.float64] = total / ((bottom - top) * (right - left))
        return mean


def touched(box: Box, rows: int, columns: int) -> tuple[slice, slice]:
    """The cells of a map of so many rows and columns that a box touches."""
    top, left = int(box.top * rows + 0.01), int(box.left * columns + 0.01)
    bottom = max(top + 1, int(np.ceil((box.top + box.height) * rows - 0.01)))
    right = max(left + 1, int(np.ceil((box.left + box.width) * columns - 0.01)))
    return slice(top, bottom), slice(left, right)


def scan_size(width: int, height: int, *, large: bool = False) -> tuple[int, int]:
    """Width and height of what a photo of this size is resized to, to find small dogs in it or large ones."""
    shape = max(width, height) / min(width, height)
    small = FINE_SCAN_SIZES if min(width, height) >= FINE_PX else SCAN_SIZES
    sizes = LARGE_SCAN_SIZES if large else small
    _, short, long = min((abs(log(long / short / shape)), short, long) for short, long in sizes)
    return (long, short) if width >= height else (short, long)


def best_windows(
    cells: Cells, no_dog: int, short_px: int, policy: LookPolicy, shares: tuple[float, ...]
) -> list[Window]:
    """The windows that show a dog best and hardly overlap, best first.

    Args:
        cells: the photo's answers.
        no_dog: the column of `not_a_dog`.
        short_px: short side of the photo that they were made of.
        policy: bounds.
        shares: the windows' sides, in short sides of the photo.
    """
    found = sorted(_scored(cells, no_dog, short_px, policy, shares), key=lambda window: -window.score)
    chosen: list[Window] = []
    for window in found:
        if len(chosen) == policy.dogs or (chosen and window.score < policy.second_score):
            break
        if all(overlap(window.box, other.box) <= policy.overlap for other in chosen):
            chosen.append(window)
    return chosen


def _scored(
    cells: Cells, no_dog: int, short_px: int, policy: LookPolicy, shares: tuple[float, ...]
) -> Iterator[Window]:
    short = min(cells.rows, cells.columns)
    for share in shares:
        if share < 1 and share * short_px < policy.window_px:
            continue
        side = max(1, round(share * short))
        probabilities = softmax(cells.means(side, side))
        dogs = 1 - probabilities[..., no_dog]
        probabilities[..., no_dog] = 0
        breeds, best = probabilities.argmax(-1), probabilities.max(-1)
        for row, column in np.argwhere(dogs >= policy.dog):
            top, left = int(row) / cells.rows, int(column) / cells.columns
            box = Box(left, top, side / cells.columns, side / cells.rows)
            sure = float(best[row, column])
            yield Window(box, int(breeds[row, column]), sure, sure * sqrt(side / short))


def overlap(one: Box, other: Box) -> float:
    """What two boxes share, as a share of the smaller one."""
    width = min(one.left + one.width, other.left + other.width) - max(one.left, other.left)
    height = min(one.top + one.height, other.top + other.height) - max(one.top, other.top)
    return max(0.0, width) * max(0.0, height) / min(area(one), area(other))


def area(box: Box) -> float:
    """Share of the photo."""
    return box.width * box.height


def around(boxes: list[Box]) -> Box:
    """The box that holds them all."""
    left, top = min(box.left for box in boxes), min(box.top for box in boxes)
    right, bottom = max(box.left + box.width for box in boxes), max(box.top + box.height for box in boxes)
    return Box(left, top, right - left, bottom - top)
