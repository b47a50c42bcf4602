"""Which photos are copies of each other: resized, re-encoded, recoloured, mirrored, or cut to 85 % of either side.

A photo's fingerprint is its grey sketch, uint8 [32, 32], the whole photo squashed: 1 KB, no network. Two photos are
copies if the brightness rises and falls alike in one of them and in some window of the other. Where it does at 8 × 8
cells finds candidates among all pairs; the best of 100 windows at 16 × 16, mirrored or not, decides. Steps of
brightness are taken as they are and clipped, and the lower correlation counts: as they are, the outlines of cut-outs
and frames outweigh what is inside; clipped, the fading light of a flash does. How often it is right: docs/data.md.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import product
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

SKETCH_PX: Final = 32
CANDIDATE: Final = 0.72  # correlation at 8 × 8 cells
COPY: Final = 0.66  # correlation at 16 × 16 cells
_COARSE, _FINE = 8, 16
_COARSE_SPANS: Final = ((1.0, 0.0), (0.88, 0.0), (0.88, 0.06), (0.88, 0.12))  # side and place along one side
_FINE_SPANS: Final = tuple(
    (side, at) for side in (1.0, 0.95, 0.9, 0.85) for at in np.arange(0, 1.01 - side, 0.05).tolist()
)
_ROWS: Final = 64
_PAIRS: Final = 1024

Pair = tuple[int, int]
Span = tuple[float, float]
Float32 = NDArray[np.float32]
Sketches = NDArray[np.uint8]


def sketch(image: Image.Image) -> NDArray[np.uint8]:
    """A photo's fingerprint, uint8 [32, 32]."""
    return np.array(image.convert("L").resize((SKETCH_PX, SKETCH_PX), Image.Resampling.BOX))


def copies(sketches: Sketches) -> list[Pair]:
    """Pairs (i < j) of copies among uint8 [N, 32, 32]."""
    return sorted({(min(pair), max(pair)) for pair in _copies(sketches, sketches) if pair[0] != pair[1]})


def copies_of_any(sketches: Sketches, others: Sketches) -> NDArray[np.bool_]:
    """Which of uint8 [N, 32, 32] are copies of any of uint8 [M, 32, 32]: bool [N]."""
    found = np.zeros(len(sketches), np.bool_)
    found[[ours for ours, _ in _copies(sketches, others)]] = True
    found[[ours for _, ours in _copies(others, sketches)]] = True
    return found


@dataclass(frozen=True)
class Fingerprints:
    """Sketches, uint8 [N, 32, 32], with 8 × 8 cells of their windows, and of the whole, mirrored or not."""

    sketches: Sketches
    windows: Float32
    wholes: Sequence[Float32]

    @classmethod
    def of(cls, sketches: Sketches) -> "Fingerprints":
        """Made once, for any number of pairs."""
        parts = [sketches[start : start + _ROWS] for start in range(0, len(sketches), _ROWS)]
        windows = [_steps(_windows(part, _COARSE, _COARSE_SPANS))[:, :, 0].copy() for part in parts]
        wholes = [
            [_steps(_windows(part[:, :, ::turn], _COARSE, _COARSE_SPANS[:1]))[:, 0, 0] for part in parts]
            for turn in (1, -1)
        ]
        return cls(sketches, np.concatenate(windows), [np.concatenate(one) for one in wholes])

    def copies(self, other: "Fingerprints", pairs: NDArray[np.intp]) -> NDArray[np.bool_]:
        """Which of intp [P, 2], rows of these and of the other ones, are copies: bool [P]."""
        found = np.zeros(len(pairs), np.bool_)
        for start in range(0, len(pairs), _PAIRS):
            ours, theirs = pairs[start : start + _PAIRS].T
            near = self.near(ours, other, theirs) | other.near(theirs, self, ours)
            for place in np.flatnonzero(near).tolist():
                one, two = self.sketches[ours[place]][None], other.sketches[theirs[place]][None]
                found[start + place] = any(_copies(one, two)) or any(_copies(two, one))
        return found

    def near(self, rows: NDArray[np.intp], other: "Fingerprints", columns: NDArray[np.intp]) -> NDArray[np.bool_]:
        """Which of these rows have a window that is roughly the whole of the other's in its column: bool [P]."""
        alike = [np.einsum("pwd,pd->pw", self.windows[rows], whole[columns]).max(axis=1) for whole in other.wholes]
        return np.asarray(np.maximum(*alike) >= CANDIDATE)


def _copies(sketches: Sketches, others: Sketches) -> Iterator[Pair]:
    """Pairs of which some window of the first is the second as a whole."""
    if not len(others):
        return
    wholes = [others, others[:, :, ::-1]]
    coarse = [_steps(_windows(one, _COARSE, _COARSE_SPANS[:1]))[:, 0] for one in wholes]
    fine = [_steps(_windows(one, _FINE, _FINE_SPANS[:1]))[:, 0] for one in wholes]
    for start in range(0, len(sketches), _ROWS):
        part = sketches[start : start + _ROWS]
        near = _candidates(_steps(_windows(part, _COARSE, _COARSE_SPANS)), coarse)
        for row, columns in enumerate(map(np.flatnonzero, near)):
            if len(columns):
                windows = _steps(_windows(part[row : row + 1], _FINE, _FINE_SPANS))[0]
                alike = np.maximum(*(_agreement(windows, whole[columns]) for whole in fine))
                yield from ((start + row, int(column)) for column in columns[alike >= COPY])


def _candidates(windows: Float32, wholes: Sequence[Float32]) -> NDArray[np.bool_]:
    """Of [N, W, 2, D] windows and [M, 2, D] wholes: bool [N, M]."""
    near = np.zeros((len(windows), len(wholes[0])), np.bool_)
    for window, whole in product(range(windows.shape[1]), wholes):
        near |= windows[:, window, 0] @ whole[:, 0].T >= CANDIDATE
    return near


def _agreement(windows: Float32, wholes: Float32) -> Float32:
    """Of [W, 2, D] windows and [M, 2, D] wholes, the best window for each whole: float32 [M]."""
    plain, clipped = (windows[:, kind] @ wholes[:, kind].T for kind in range(2))
    return np.asarray(np.minimum(plain, clipped).max(axis=0), np.float32)


def _windows(sketches: Sketches, cells: int, spans: Sequence[Span]) -> Float32:
    """Float32 [N, spans × spans, cells, cells]: mean brightness."""
    along = _means(cells, tuple(spans))
    found = np.einsum("aiy,nyx,bjx->nabij", along, sketches.astype(np.float32), along, optimize=True)
    return np.asarray(found.reshape(len(sketches), -1, cells, cells), np.float32)


@cache
def _means(cells: int, spans: tuple[Span, ...]) -> Float32:
    """Float32 [spans, cells, 32]: what takes the means of the cells of each span along one side."""
    pixels = np.arange(SKETCH_PX)
    rows = np.zeros((len(spans), cells, SKETCH_PX), np.float32)
    for (number, (side, at)), cell in product(enumerate(spans), range(cells)):
        low, high = (SKETCH_PX * (at + side * edge / cells) for edge in (cell, cell + 1))
        rows[number, cell] = np.clip(np.minimum(high, pixels + 1) - np.maximum(low, pixels), 0, None)
    return np.asarray(rows / rows.sum(axis=2, keepdims=True), np.float32)


def _steps(cells: Float32) -> Float32:
    """Steps to the neighbours below and to the right, float32 [N, W, 2, D] of length 1.

    First as they are, then none larger than a usual one; grey levels below 2 are noise.
    """
    steps = np.concatenate([np.diff(cells, axis=axis).reshape(*cells.shape[:2], -1) for axis in (2, 3)], axis=2)
    usual = np.median(np.abs(steps), axis=2, keepdims=True) + 2
    both = np.stack([steps, np.clip(steps, -usual, usual)], axis=2)
    return np.asarray(both / np.maximum(np.linalg.norm(both, axis=3, keepdims=True), 1e-6), np.float32)
