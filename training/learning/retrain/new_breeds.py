"""When a breed that the model does not know joins it.

Measured by taking breeds away from the shipped head and teaching them again (docs/learning.md): from 12 photos on
nearly all of a breed's other photos are found, and other breeds lose next to nothing. Three people, because the photos
of one person show one dog.
"""

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.learning.retrain.accepted_claims import AcceptedPhotos

PHOTOS = 12
PEOPLE = 3


@dataclass(frozen=True, slots=True)
class WaitingBreed:
    """A breed that does not join yet: how many photos of it, by how many people, there are."""

    breed: str
    photos: int
    people: int


@dataclass(frozen=True, slots=True)
class NewBreeds:
    """Breeds that join, and those that wait."""

    joining: tuple[str, ...]
    waiting: tuple[WaitingBreed, ...]


def new_breeds(accepted: AcceptedPhotos, known: tuple[str, ...]) -> NewBreeds:
    """Look at every label of accepted photos that the head lacks."""
    rows: dict[str, list[int]] = defaultdict(list)
    for row, label in enumerate(accepted.rows.labels.tolist()):
        if label not in known:
            rows[label].append(row)
    found = [
        WaitingBreed(
            breed, _photos(accepted, theirs), len(frozenset().union(*(accepted.people[row] for row in theirs)))
        )
        for breed, theirs in sorted(rows.items())
    ]
    joining = tuple(one.breed for one in found if one.photos >= PHOTOS and one.people >= PEOPLE)
    return NewBreeds(joining, tuple(one for one in found if one.breed not in joining))


def _photos(accepted: AcceptedPhotos, rows: list[int]) -> int:
    """Two dogs of one photo are seen in the same light, at the same place: they count as one photo here."""
    return len({accepted.claims[row][0].photo_sha256 for row in rows})


def teachable(accepted: AcceptedPhotos, labels: tuple[str, ...]) -> NDArray[np.bool_]:
    """Bool [N]: photos whose label the head has."""
    return np.isin(accepted.rows.labels, labels)
