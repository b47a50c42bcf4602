"""Several photos of one dog → one better answer; photos of different dogs are left alone.

Averaging log-probabilities is the geometric mean of what the photos say: a breed must be possible in every one of them.
Measured on 1,035 held-back photos of dogs (docs/chat.md has the table).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, log
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from core.prediction import BreedScore, Classified, Kind
from inference.model.head import TOP

CLOSE: Final = 0.65  # cosine of features: 97 % of pairs of one breed are closer, 88 % of pairs of two breeds are not
SURE: Final = 0.85  # below this a photo hesitates between a few breeds…
CHOICES: Final = 3  # …these many…
WORTH: Final = 0.1  # …each at least this probable
BREEDS: Final = 83  # that share what the stored best five leave; 99.9 % of pairs get the same breed as from all logits
_FLOOR: Final = 1e-6


class Seen(Classified, Protocol):
    """The part of a stored prediction that is fused."""

    @property
    def features(self) -> bytes:
        """float16 [2048], little-endian; empty once they were erased."""


@dataclass(frozen=True, slots=True)
class Fused:
    """What several photos say together."""

    kind: Kind
    top: tuple[BreedScore, ...]
    not_a_dog: float


def agree(one: Seen, other: Seen) -> bool:
    """Whether two photos may well show the same dog.

    Both show a dog; they name the same breed, or one hesitates between a few, and the other's breed is among them; and
    they look alike to the network.
    """
    if Kind.NOT_A_DOG in {one.kind, other.kind} or not (one.top and other.top):
        return False
    named = one.top[0][0] == other.top[0][0] or _hesitates(one, other) or _hesitates(other, one)
    return named and _cosine(one.features, other.features) >= CLOSE


def dogs(photos: Sequence[Seen]) -> list[list[int]]:
    """Which photos show one dog: lists of positions, each at least one; photos without a dog are in none.

    The surest photo begins; another joins the first dog on which it agrees with every photo.
    """
    with_dog = [place for place, photo in enumerate(photos) if photo.kind != Kind.NOT_A_DOG and photo.top]
    found: list[list[int]] = []
    for place in sorted(with_dog, key=lambda place: -photos[place].top[0][1]):
        for dog in found:
            together = [*dog, place]
            if all(agree(photos[place], photos[other]) for other in dog) and _lead(photos, together) is not None:
                dog.append(place)
                break
        else:
            found.append([place])
    return sorted(sorted(dog) for dog in found)


def lead(photos: Sequence[Seen]) -> int:
    """The position of the photo that speaks for all of them: it names their breed, and is the surest that does."""
    found = _lead(photos, range(len(photos)))
    return found if found is not None else max(range(len(photos)), key=lambda place: photos[place].top[0][1])


def fuse(photos: Sequence[Seen], unsure_below: float | None = None) -> Fused:
    """What photos of one dog say together. One alone says what it said.

    Args:
        photos: at least one, none of them without a dog.
        unsure_below: the head's threshold; None: as sure as the least sure photo that was answered with a breed.
    """
    if len(photos) == 1:
        return Fused(photos[0].kind, tuple(photos[0].top), photos[0].not_a_dog)
    shares, no_dog = _averaged(photos)
    top = tuple(BreedScore(breed, share) for breed, share in sorted(shares.items(), key=lambda one: -one[1])[:TOP])
    if unsure_below is None:
        unsure_below = min((photo.top[0][1] for photo in photos if photo.kind == Kind.BREED), default=1.0)
    kind = Kind.BREED if top[0].confidence >= unsure_below else Kind.UNSURE
    return Fused(kind, top, no_dog)


def _averaged(photos: Sequence[Seen]) -> tuple[dict[str, float], float]:
    named = sorted({breed for photo in photos for breed, _ in photo.top})
    weights = {breed: exp(_mean_log([_share(photo, breed) for photo in photos])) for breed in named}
    no_dog = exp(_mean_log([photo.not_a_dog for photo in photos]))
    unnamed = max(0, BREEDS - len(named)) * exp(_mean_log([_rest(photo) for photo in photos]))
    whole = sum(weights.values()) + no_dog + unnamed
    return {breed: weight / whole for breed, weight in weights.items()}, no_dog / whole


def _lead(photos: Sequence[Seen], places: Sequence[int]) -> int | None:
    """None: together they name a breed that none of them names by itself; then they are better left alone."""
    shares, _ = _averaged([photos[place] for place in places])
    breed = max(shares, key=lambda breed: shares[breed])
    naming = [place for place in places if photos[place].top[0][0] == breed]
    return max(naming, key=lambda place: photos[place].top[0][1], default=None)


def _share(photo: Seen, breed: str) -> float:
    return next((share for known, share in photo.top if known == breed), None) or _rest(photo)


def _rest(photo: Seen) -> float:
    """What each breed gets that is not among the best five."""
    left = 1.0 - sum(share for _, share in photo.top) - photo.not_a_dog
    return left / max(1, BREEDS - len(photo.top))


def _mean_log(shares: Sequence[float]) -> float:
    return sum(log(max(_FLOOR, share)) for share in shares) / len(shares)


def _hesitates(one: Seen, other: Seen) -> bool:
    """Whether `one` is unsure between a few breeds, and `other` names one of them."""
    choices = [breed for breed, share in one.top[:CHOICES] if share >= WORTH]
    return one.top[0][1] < SURE and other.top[0][0] in choices


def _cosine(one: bytes, other: bytes) -> float:
    if not one or len(one) != len(other):
        return 0.0
    first, second = _vector(one), _vector(other)
    length = float(np.linalg.norm(first) * np.linalg.norm(second))
    return float(first @ second) / length if length > 0 else 1.0


def _vector(features: bytes) -> NDArray[np.float32]:
    return np.frombuffer(features, "<f2").astype(np.float32)
