"""When a breed that the model does not know joins it.

Measured by taking breeds away from the shipped head and teaching them again (docs/learning.md): from 12 photos on
nearly all of a breed's other photos are found, and other breeds lose next to nothing. Three people, because the photos
of one person show one dog.
"""

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.breeds.catalogue import NOT_A_DOG
from inference.model.head import Head
from training.learning.retrain.accepted_claims import AcceptedPhotos

PHOTOS = 12
PEOPLE = 3
OF_A_PERSON = 5  # more of one person's photos show that person's dog once more, and do not count


@dataclass(frozen=True, slots=True)
class WaitingBreed:
    """A breed that does not join yet: how many photos of it that count, by how many people, there are."""

    breed: str
    photos: int
    people: int


@dataclass(frozen=True, slots=True)
class NewBreeds:
    """Breeds that join, and those that wait."""

    joining: tuple[str, ...]
    waiting: tuple[WaitingBreed, ...]


def new_breeds(accepted: AcceptedPhotos, base: Head) -> NewBreeds:
    """Look at every label of accepted photos that the base lacks, whoever accepted them.

    Photos that the base rejects show no dog of any breed, and do not count. Two dogs of one photo are seen in the same
    light, at the same place: they count as one photo here.
    """
    empty = base.probabilities(accepted.rows.features)[:, base.labels.index(NOT_A_DOG)]
    rejected = empty > base.calibration.not_a_dog_above
    by_person: dict[str, dict[int, set[str]]] = defaultdict(lambda: defaultdict(set))
    for row, label in enumerate(accepted.rows.labels.tolist()):
        if label not in base.labels:
            photos = by_person[label][min(accepted.people[row])]
            photos |= set() if rejected[row] else {accepted.claims[row][0].photo_sha256}
    found = [
        WaitingBreed(
            breed, sum(min(len(photos), OF_A_PERSON) for photos in theirs.values()), sum(map(bool, theirs.values()))
        )
        for breed, theirs in sorted(by_person.items())
    ]
    joining = tuple(one.breed for one in found if one.photos >= PHOTOS and one.people >= PEOPLE)
    return NewBreeds(joining, tuple(one for one in found if one.breed not in joining))


def teachable(accepted: AcceptedPhotos, labels: tuple[str, ...]) -> NDArray[np.bool_]:
    """Bool [N]: photos whose label the head has."""
    return np.isin(accepted.rows.labels, labels)
