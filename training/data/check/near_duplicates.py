"""Photos that a network finds nearly the same, and the groups that pairs of near-duplicates make.

Copies are found without a network (`training/data/check/copies.py`); features also see a dog before another background.
"""

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from training.data.check.connected import connected

Pair = tuple[int, int]

# By eye on the 12,150 photos of ../shared/dogs, see docs/data.md.
COSINE: Final = 0.94
CROWD: Final = 6  # the neighbour that a pair is compared with: more copies of one picture are rare
STANDS_OUT: Final = 0.58  # times that neighbour's distance
SAME: Final = 0.015  # a distance that needs no comparing: recompressed, resized
_ROWS = 512


def alike_features(features: NDArray[np.floating]) -> list[Pair]:
    """Pairs (i < j) of near-duplicates among rows of [N, D]; rows of NaN are like nothing.

    No cosine would do for all breeds: two Dalmatians in profile reach 0.966. So a pair must stand out from what else is
    near either of them, as Lowe 2004 (https://doi.org/10.1023/B:VISI.0000029664.99615.94, 7.1) tells true matches.
    """
    unit = np.nan_to_num(np.asarray(features, np.float32))
    unit /= np.maximum(np.linalg.norm(unit, axis=1, keepdims=True), 1e-6)
    found: list[Pair] = []
    cosines: list[float] = []
    crowd: list[NDArray[np.float32]] = []
    for start, block in _blocks(unit, unit):
        near = _pairs(block >= COSINE, start)
        found += near
        cosines += [float(block[row - start, column]) for row, column in near]
        place = max(block.shape[1] - CROWD - 1, 0)  # the photo itself is the nearest
        crowd.append(np.partition(block, place, axis=1)[:, place])
    if not found:
        return []
    rows, columns = np.array(found).T
    distance = 1 - np.array(cosines)
    usual = 1 - np.maximum(*(np.concatenate(crowd)[one] for one in (rows, columns)))
    chosen = (distance <= STANDS_OUT * usual) | (distance <= SAME)
    return [pair for pair, kept in zip(found, chosen.tolist(), strict=True) if kept]


def groups_of(count: int, pairs: Sequence[Pair]) -> list[list[int]]:
    """Rows that pairs join, directly or over others; those that stay alone are left out."""
    links: list[set[int]] = [set() for _ in range(count)]
    for number, pair in enumerate(pairs):
        for row in pair:
            links[row].add(number)
    members: dict[int, list[int]] = {}
    for row, first in enumerate(connected(links)):
        members.setdefault(first, []).append(row)
    return [rows for rows in members.values() if len(rows) > 1]


def _blocks(ours: NDArray[np.float32], theirs: NDArray[np.float32]) -> Iterator[tuple[int, NDArray[np.float32]]]:
    """Inner products of all rows, a few rows of `ours` at a time: memory does not grow with the square."""
    for start in range(0, len(ours), _ROWS):
        yield start, ours[start : start + _ROWS] @ theirs.T


def _pairs(chosen: NDArray[np.bool_], start: int) -> list[Pair]:
    rows, columns = np.nonzero(chosen)
    rows = rows + start
    kept = rows < columns
    return list(zip(rows[kept].tolist(), columns[kept].tolist(), strict=True))
