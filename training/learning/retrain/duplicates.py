"""Which photos are (nearly) the same: equal bytes, or features that point the same way."""

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from training.data.check.connected import connected

ALIKE: Final = 0.98  # cosine
_SKETCH: Final = 256  # random directions: near 0.98 their cosines err by 0.0025 (standard deviation)
_DOUBT: Final = 0.02
_ROWS: Final = 1024

Float32 = NDArray[np.float32]
Rows = NDArray[np.intp]


def same_photos(sha256: Sequence[str], features: NDArray[np.floating]) -> list[int]:
    """Number each photo by the first one that it is joined to, directly or over others.

    Args:
        sha256: of each photo.
        features: float [N, D].
    """
    unit = unit_rows(features)
    links: list[set[str]] = [{photo} for photo in sha256]
    for ones, others in _alike(unit, unit):
        for one, other in zip(ones.tolist(), others.tolist(), strict=True):
            if one != other:
                links[one].add(f"{one} {other}")
                links[other].add(f"{one} {other}")
    return connected(links)


def alike_any(features: NDArray[np.floating], others: NDArray[np.floating]) -> NDArray[np.bool_]:
    """Which rows of float [N, D] are near-duplicates of any row of float [M, D]: bool [N]."""
    found = np.zeros(len(features), np.bool_)
    for rows, _ in _alike(unit_rows(features), unit_rows(others)):
        found[rows] = True
    return found


def unit_rows(features: NDArray[np.floating]) -> Float32:
    """The same directions, each of length 1."""
    rows = np.asarray(features, np.float32)
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-6), np.float32)


def _alike(ours: Float32, theirs: Float32) -> Iterator[tuple[Rows, Rows]]:
    """Pairs of a sketch, an eighth of the work (Johnson & Lindenstrauss 1984), then looked at as they are."""
    mirrored = ours is theirs  # what comes before is known from the other side
    directions = np.random.default_rng(1).normal(size=(ours.shape[1], _SKETCH)).astype(np.float32)
    sketch = unit_rows(theirs @ directions).T
    for start in range(0, len(ours), _ROWS):
        part, skipped = ours[start : start + _ROWS], start if mirrored else 0
        rows, columns = np.nonzero(unit_rows(part @ directions) @ sketch[:, skipped:] > ALIKE - _DOUBT)
        columns += skipped
        alike = np.einsum("ij,ij->i", part[rows], theirs[columns]) > ALIKE
        yield rows[alike] + start, columns[alike]
