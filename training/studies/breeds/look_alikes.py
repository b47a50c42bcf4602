"""Which breeds look alike to a network, seen on training photos only: each is answered by a head that never saw it."""

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import track
from scipy.special import softmax

from core.atomic_file import write_whole
from training.data.read.dataset import LabelledPhoto
from training.heads.head_fit import fit_head


@dataclass(frozen=True, slots=True)
class LookAlikes:
    """Out-of-fold answers, counted.

    Attributes:
        breeds: slugs; rows and columns of the arrays.
        belief: float64 [K, K], mean probability that photos of the row's breed give to the column's.
        mistaken: intp [K, K], photos of the row's breed that are taken for the column's; right ones on the diagonal.
    """

    breeds: tuple[str, ...]
    belief: NDArray[np.float64]
    mistaken: NDArray[np.intp]

    @property
    def alike(self) -> NDArray[np.float64]:
        """Belief shared in both directions: float64 [K, K], symmetric, 0 on the diagonal."""
        shared: NDArray[np.float64] = (self.belief + self.belief.T) / 2
        np.fill_diagonal(shared, 0)
        return shared

    @property
    def errors(self) -> NDArray[np.intp]:
        """Photos of either breed taken for the other: intp [K, K], symmetric, 0 on the diagonal."""
        both: NDArray[np.intp] = self.mistaken + self.mistaken.T
        np.fill_diagonal(both, 0)
        return both

    def pairs(self, from_share: float) -> list[tuple[int, int]]:
        """Pairs of which at least this share of photos is taken for the other, most errors first."""
        photos = self.mistaken.sum(axis=1)
        errors = self.errors
        shares = errors / (photos[:, None] + photos[None, :])
        rows, columns = np.nonzero(np.triu(shares >= from_share, 1))
        return sorted(zip(rows.tolist(), columns.tolist(), strict=True), key=lambda pair: (-errors[pair], pair))

    def write(self, file: Path) -> None:
        """Keep it, as a whole or not at all."""
        told = {"breeds": self.breeds, "belief": self.belief.tolist(), "mistaken": self.mistaken.tolist()}
        write_whole(file, json.dumps(told).encode())

    @classmethod
    def read(cls, file: Path) -> Self:
        """What ``write`` wrote."""
        told = json.loads(file.read_text(encoding="utf-8"))
        return cls(tuple(told["breeds"]), np.array(told["belief"]), np.array(told["mistaken"], np.intp))


def find_look_alikes(
    features: NDArray[np.floating],
    photos: Sequence[LabelledPhoto],
    breeds: tuple[str, ...],
    *,
    folds: int,
    l2: float,
    seed: int,
    scale: float | None = None,
) -> LookAlikes:
    """Fit a head for each fold, on the others.

    Args:
        features: float [N, D], one row a photo.
        photos: labelled with ``breeds`` only; photos of one group fall into one fold.
        breeds: slugs.
        folds: parts of the photos.
        l2: the heads' penalty.
        seed: of the folds.
        scale: what the heads divide features by (`fit_head`).
    """
    columns = np.array([breeds.index(photo.breed) for photo in photos])
    fold = _folds(photos, folds, seed)
    belief = np.zeros((len(breeds), len(breeds)))
    mistaken = np.zeros((len(breeds), len(breeds)), np.intp)
    for number in track(range(folds), "look-alikes", console=Console(stderr=True)):
        out = fold == number
        head = fit_head(features[~out], columns[~out], len(breeds), l2=l2, scale=scale)
        probabilities = softmax(head.logits(features[out]).astype(np.float64), axis=1)
        np.add.at(belief, columns[out], probabilities)
        np.add.at(mistaken, (columns[out], probabilities.argmax(axis=1)), 1)
    return LookAlikes(breeds, belief / np.maximum(mistaken.sum(axis=1, keepdims=True), 1), mistaken)


def _folds(photos: Sequence[LabelledPhoto], folds: int, seed: int) -> NDArray[np.intp]:
    """Fold of each photo: groups of a breed are dealt in a random order."""
    groups: dict[str, dict[str, None]] = defaultdict(dict)
    for photo in photos:
        groups[photo.breed][photo.group] = None
    rng = np.random.default_rng(seed)
    of_group: dict[str, int] = {}
    for breed in sorted(groups):
        names = sorted(groups[breed])
        for place, name in enumerate(rng.permutation(len(names))):
            of_group.setdefault(names[name], place % folds)
    return np.array([of_group[photo.group] for photo in photos])
