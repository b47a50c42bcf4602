"""Which photos are (nearly) the same: equal bytes, features that point the same way, or copies by fingerprint."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Self

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
Features = NDArray[np.floating]
Rows = NDArray[np.intp]


def same_photos(
    photos: Sequence[str], features: Features, sketches: Sketches | None = None, dogs: Sequence[int] = ()
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
    for one, other in _same(features, None, sketches, sketches):
        if photos[one] != photos[other] or whose[one] == whose[other]:
            links[one].add(f"{one} {other}")
            links[other].add(f"{one} {other}")
    return connected(links)


def alike_any(
    features: Features, others: Features, sketches: Sketches | None = None, other_sketches: Sketches | None = None
) -> NDArray[np.bool_]:
    """Which rows of float [N, D] are near-duplicates of any row of float [M, D]: bool [N].

    With fingerprints of both, uint8 [N, 32, 32] and [M, 32, 32], zeros where there is none, copies too.
    """
    found = np.zeros(len(features), np.bool_)
    found[[row for row, _ in _same(features, others, sketches, other_sketches)]] = True
    return found


def unit_rows(features: Features) -> Float32:
    """The same directions, each of length 1."""
    rows = np.asarray(features, np.float32)
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-6), np.float32)


def _same(ours: Features, others: Features | None, sketches: Sketches | None, other: Sketches | None) -> Iterator[Pair]:
    """Rows of nearly the same direction, and copies; `others` None: each pair of ours once."""
    theirs = ours if others is None else others
    copied = _Copied.of(sketches, other)
    for rows, columns, cosines in _near(ours, others, ALIKE - _DOUBT if copied is None else AKIN):
        same = np.zeros(len(rows), np.bool_)
        close = np.flatnonzero(cosines > ALIKE - _DOUBT)
        exact = np.einsum("ij,ij->i", unit_rows(ours[rows[close]]), unit_rows(theirs[columns[close]]))
        same[close] = exact > ALIKE
        if copied is not None:
            rest = np.flatnonzero(~same)
            same[rest] = copied(rows[rest], columns[rest])
        yield from zip(rows[same].tolist(), columns[same].tolist(), strict=True)


@dataclass(frozen=True, slots=True)
class _Copied:
    """Fingerprints of both; asked of pairs that the network finds akin, for a copy shows the same dog."""

    prints: Fingerprints
    others: Fingerprints
    seen: NDArray[np.bool_]
    known: NDArray[np.bool_]

    @classmethod
    def of(cls, sketches: Sketches | None, others: Sketches | None) -> Self | None:
        """None where there is nothing to compare."""
        if sketches is None or others is None or not (sketches.any() and others.any()):
            return None
        prints = Fingerprints.of(sketches)
        other_prints = prints if others is sketches else Fingerprints.of(others)
        return cls(prints, other_prints, *(np.asarray(some.any(axis=(1, 2))) for some in (sketches, others)))

    def __call__(self, rows: Rows, columns: Rows) -> NDArray[np.bool_]:
        found = np.asarray(self.seen[rows] & self.known[columns], np.bool_)
        found[found] = self.prints.copies(self.others, np.stack([rows[found], columns[found]], axis=1))
        return found


def _near(ours: Features, others: Features | None, least: float) -> Iterator[tuple[Rows, Rows, Float32]]:
    """Pairs and their cosines, by a sketch of the features: an eighth of the work (Johnson & Lindenstrauss 1984)."""
    sketch = _sketched(ours)
    other_sketch = sketch if others is None else _sketched(others)
    for start in range(0, len(ours), _ROWS):
        skipped = start if others is None else 0  # what comes before is known from the other side
        cosines = sketch[start : start + _ROWS] @ other_sketch[skipped:].T
        rows, columns = np.nonzero(cosines > least)
        if others is None:
            above = rows < columns
            rows, columns = rows[above], columns[above]
        yield rows + start, columns + skipped, cosines[rows, columns]


def _sketched(features: Features) -> Float32:
    """float32 [N, sketch], each row of length 1."""
    directions = np.random.default_rng(1).normal(size=(features.shape[1], _SKETCH)).astype(np.float32)
    parts = [features[start : start + _ROWS] for start in range(0, len(features), _ROWS)]
    rows = [unit_rows(np.asarray(part, np.float32) @ directions) for part in parts]
    return np.concatenate(rows) if rows else np.zeros((0, _SKETCH), np.float32)
