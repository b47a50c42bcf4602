"""Photos that show (nearly) the same picture: resized, recompressed, recoloured, trimmed, mirrored.

Two views of a 32 × 32 sketch must agree. Where its 16 × 16 average gets brighter from left to right (dHash, after
http://www.hackerfactor.com/blog/index.php?/archives/529-Kind-of-Like-That.html) finds candidates among all pairs. The
correlation of its gradients decides, as they are and clipped: as they are, outlines of cut-outs and frames outweigh
what is inside; clipped, the fading light of a flash does.
"""

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from training.data.check.connected import connected

Pair = tuple[int, int]

# By eye on the 12,150 photos of ../shared/dogs, see docs/data.md.
DIFFERING: Final = 0.3  # share of the 240 comparisons
ALIKE: Final = 0.38  # correlation
MIRRORED_ALIKE: Final = 0.45  # many dogs in profile are alike when mirrored
COSINE: Final = 0.94
CROWD: Final = 6  # the neighbour that a pair is compared with: more copies of one picture are rare
STANDS_OUT: Final = 0.58  # times that neighbour's distance
SAME: Final = 0.015  # a distance that needs no comparing: recompressed, resized
_ROWS = 512


def alike_sketches(sketches: NDArray[np.uint8]) -> list[Pair]:
    """Pairs (i < j) of near-duplicates among uint8 [N, 32, 32]."""
    mirrored = sketches[:, :, ::-1]
    found = set(_alike(sketches, sketches, ALIKE)) | set(_alike(sketches, mirrored, MIRRORED_ALIKE))
    return sorted(found)


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


def _alike(sketches: NDArray[np.uint8], others: NDArray[np.uint8], at_least: float) -> Iterator[Pair]:
    ours, theirs = _rises(sketches), _rises(others)
    width = ours.shape[1]
    for start, block in _blocks(ours, theirs):
        candidates = _pairs(
            block >= width * (1 - 2 * DIFFERING), start
        )  # of ±1: those that agree less those that differ
        for chunk in range(0, len(candidates), _ROWS):
            pairs = np.array(candidates[chunk : chunk + _ROWS])
            agreement = _agreement(sketches[pairs[:, 0]], others[pairs[:, 1]])
            yield from map(tuple, pairs[agreement >= at_least].tolist())


def _rises(sketches: NDArray[np.uint8]) -> NDArray[np.float32]:
    """float32 [N, 240], 1 where the picture gets brighter to the right, -1 elsewhere."""
    side = sketches.shape[1] // 2
    means = sketches.reshape(-1, side, 2, side, 2).astype(np.uint16).sum((2, 4))
    return np.where(means[:, :, 1:] > means[:, :, :-1], np.float32(1), np.float32(-1)).reshape(len(sketches), -1)


def _agreement(ours: NDArray[np.uint8], theirs: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Correlation of the gradients of uint8 [N, 32, 32] twice, the lower of both: float32 [N]."""
    one, other = _gradients(ours), _gradients(theirs)
    return np.minimum(_cosine(one, other), _cosine(_clipped(one), _clipped(other)))


def _gradients(sketches: NDArray[np.uint8]) -> NDArray[np.float32]:
    """float32 [N, 1984]: steps to the neighbours below and to the right."""
    values = sketches.astype(np.float32)
    return np.concatenate([np.diff(values, axis=axis).reshape(len(values), -1) for axis in (1, 2)], axis=1)


def _clipped(steps: NDArray[np.float32]) -> NDArray[np.float32]:
    """None larger than a usual one; grey levels below 2 are noise."""
    usual = np.median(np.abs(steps), axis=1, keepdims=True) + 2
    return np.clip(steps, -usual, usual)


def _cosine(one: NDArray[np.float32], other: NDArray[np.float32]) -> NDArray[np.float32]:
    lengths = np.linalg.norm(one, axis=1) * np.linalg.norm(other, axis=1)
    return np.asarray((one * other).sum(axis=1) / np.maximum(lengths, 1e-6), np.float32)


def _blocks(ours: NDArray[np.float32], theirs: NDArray[np.float32]) -> Iterator[tuple[int, NDArray[np.float32]]]:
    """Inner products of all rows, a few rows of `ours` at a time: memory does not grow with the square."""
    for start in range(0, len(ours), _ROWS):
        yield start, ours[start : start + _ROWS] @ theirs.T


def _pairs(chosen: NDArray[np.bool_], start: int) -> list[Pair]:
    rows, columns = np.nonzero(chosen)
    rows = rows + start
    kept = rows < columns
    return list(zip(rows[kept].tolist(), columns[kept].tolist(), strict=True))
