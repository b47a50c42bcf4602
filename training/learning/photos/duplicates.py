"""Which photos are (nearly) the same: equal bytes, features that point the same way, or copies by fingerprint."""

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from training.data.check.connected import connected
from training.data.check.copies import Fingerprints, Pair, Sketches

ALIKE: Final = 0.98  # cosine
AKIN: Final = 0.8  # cosine from which on fingerprints are compared: 2 in 100 much changed copies are less alike
_SKETCH: Final = 256  # random directions: near 0.98 their cosines err by 0.0025 (standard deviation)
_DOUBT: Final = 0.02
_ROWS: Final = 1024

Float32 = NDArray[np.float32]
Rows = NDArray[np.intp]


def same_photos(
    photos: Sequence[str], features: NDArray[np.floating], sketches: Sketches | None = None, dogs: Sequence[int] = ()
) -> list[int]:
    """Number each row by the first one that it is joined to, directly or over others.

    Args:
        photos: SHA-256 of each one's photo.
        features: float [N, D].
        sketches: fingerprints, uint8 [N, 32, 32], zeros where there is none: with them copies are joined that are
            mirrored, cut, or otherwise changed.
        dogs: which of its photo's dogs each one is; two dogs of one photo are two. None given: the first.
    """
    whose = list(dogs) or [0] * len(photos)
    links: list[set[str]] = [{f"{photo} {dog}"} for photo, dog in zip(photos, whose, strict=True)]
    unit = unit_rows(features)
    pairs = list(_pairs(unit, unit, ALIKE))
    if sketches is not None:
        pairs += _copied(unit, unit, sketches, sketches)
    for one, other in pairs:
        if one != other and (photos[one] != photos[other] or whose[one] == whose[other]):
            links[one].add(f"{one} {other}")
            links[other].add(f"{one} {other}")
    return connected(links)


def alike_any(
    features: NDArray[np.floating],
    others: NDArray[np.floating],
    sketches: Sketches | None = None,
    other_sketches: Sketches | None = None,
) -> NDArray[np.bool_]:
    """Which rows of float [N, D] are near-duplicates of any row of float [M, D]: bool [N].

    With fingerprints of both, uint8 [N, 32, 32] and [M, 32, 32], zeros where there is none, copies too.
    """
    ours, theirs = unit_rows(features), unit_rows(others)
    pairs = list(_pairs(ours, theirs, ALIKE))
    if sketches is not None and other_sketches is not None:
        pairs += _copied(ours, theirs, sketches, other_sketches)
    found = np.zeros(len(features), np.bool_)
    found[[row for row, _ in pairs]] = True
    return found


def unit_rows(features: NDArray[np.floating]) -> Float32:
    """The same directions, each of length 1."""
    rows = np.asarray(features, np.float32)
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-6), np.float32)


def _pairs(ours: Float32, theirs: Float32, least: float) -> Iterator[Pair]:
    """Rows with at least this cosine, as they are."""
    for rows, columns in _near(ours, theirs, least - _DOUBT):
        alike = np.einsum("ij,ij->i", ours[rows], theirs[columns]) > least
        yield from zip(rows[alike].tolist(), columns[alike].tolist(), strict=True)


def _copied(ours: Float32, theirs: Float32, sketches: Sketches, others: Sketches) -> list[Pair]:
    """Copies by their fingerprints, among those that the network finds somewhat alike: a copy shows the same dog."""
    seen, known = (np.asarray(some.any(axis=(1, 2)), np.bool_) for some in (sketches, others))
    if not (seen.any() and known.any()):
        return []
    prints = Fingerprints.of(sketches)
    other_prints = prints if others is sketches else Fingerprints.of(others)
    found: list[Pair] = []
    for rows, columns in _near(ours, theirs, AKIN):
        both = np.asarray(seen[rows] & known[columns], np.bool_)
        if ours is theirs:
            both &= rows < columns
        pairs = np.stack([rows[both], columns[both]], axis=1)
        found += [(int(row), int(column)) for row, column in pairs[prints.copies(other_prints, pairs)]]
    return found


def _near(ours: Float32, theirs: Float32, least: float) -> Iterator[tuple[Rows, Rows]]:
    """Pairs by a sketch of their features, an eighth of the work (Johnson & Lindenstrauss 1984)."""
    mirrored = ours is theirs  # what comes before is known from the other side
    directions = np.random.default_rng(1).normal(size=(ours.shape[1], _SKETCH)).astype(np.float32)
    sketch = unit_rows(theirs @ directions).T
    for start in range(0, len(ours), _ROWS):
        part, skipped = ours[start : start + _ROWS], start if mirrored else 0
        rows, columns = np.nonzero(unit_rows(part @ directions) @ sketch[:, skipped:] > least)
        yield rows + start, columns + skipped
