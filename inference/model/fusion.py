"""Several photos of one dog → one better answer; photos of different dogs are left alone.

Averaging log-probabilities is the geometric mean of what the photos say: a breed must be possible in every one of them.
Measured on 1,035 held-back photos of dogs (docs/chat.md has the table).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, log, prod
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from core.prediction import BreedScore, Classified, Kind
from inference.model.head import TOP

CLOSE: Final = 0.58  # cosine of features: 97 % of pairs of one breed are closer, 92 % of pairs of two breeds are not
SURE: Final = 0.85  # below this a photo hesitates between a few breeds…
CHOICES: Final = 3  # …these many…
WORTH: Final = 0.1  # …each at least this probable
_FLOOR: Final = 1e-6


class Seen(Classified, Protocol):
    """The part of a stored prediction that is fused."""

    @property
    def features(self) -> bytes:
        """float16 [D], little-endian; empty once they were erased."""


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


@dataclass(frozen=True, slots=True)
class Fusion:
    """How the photos of an album are put together; the head that answered says it.

    Attributes:
        breeds: that it can name, and that share what the stored best five leave: 99.9 % of pairs get the same breed as
            from all logits. 0: not known; then each has at most what the last of the five has.
        unsure_below: its threshold; None: as sure as the least sure photo that was answered with a breed.
    """

    breeds: int
    unsure_below: float | None = None

    def dogs(self, photos: Sequence[Seen]) -> list[list[int]]:
        """Which photos show one dog: lists of positions, each at least one; photos without a dog are in none.

        The surest photo begins; another joins the first dog on which it agrees with every photo.
        """
        with_dog = [place for place, photo in enumerate(photos) if photo.kind != Kind.NOT_A_DOG and photo.top]
        found: list[list[int]] = []
        for place in sorted(with_dog, key=lambda place: -photos[place].top[0][1]):
            for dog in found:
                together = [*dog, place]
                agreed = all(agree(photos[place], photos[other]) for other in dog)
                if agreed and self._lead(photos, together) is not None:
                    dog.append(place)
                    break
            else:
                found.append([place])
        return sorted(sorted(dog) for dog in found)

    def lead(self, photos: Sequence[Seen]) -> int:
        """The position of the photo that speaks for all of them: it names their breed, and is the surest that does."""
        found = self._lead(photos, range(len(photos)))
        return found if found is not None else max(range(len(photos)), key=lambda place: photos[place].top[0][1])

    def fuse(self, photos: Sequence[Seen]) -> Fused:
        """What photos of one dog say together, at least one. One alone says what it said."""
        if len(photos) == 1:
            (one,) = photos
            return Fused(Kind(one.kind), tuple(one.top), one.not_a_dog)
        shares, no_dog = self._averaged(photos)
        top = tuple(BreedScore(breed, share) for breed, share in sorted(shares.items(), key=lambda one: -one[1])[:TOP])
        unsure_below = self.unsure_below
        if unsure_below is None:
            unsure_below = min((photo.top[0][1] for photo in photos if photo.kind == Kind.BREED), default=1.0)
        kind = Kind.BREED if top[0].confidence >= unsure_below else Kind.UNSURE
        return Fused(kind, top, no_dog)

    def _averaged(self, photos: Sequence[Seen]) -> tuple[dict[str, float], float]:
        named = sorted({breed for photo in photos for breed, _ in photo.top})
        weights = {breed: exp(_mean_log([self._share(photo, breed) for photo in photos])) for breed in named}
        no_dog = exp(_mean_log([photo.not_a_dog for photo in photos]))
        unnamed = max(0, self.breeds - len(named)) * exp(_mean_log([self._rest(photo) for photo in photos]))
        unknown = prod(self._unknown(photo) for photo in photos) ** (1 / len(photos))
        whole = sum(weights.values()) + no_dog + unnamed + unknown
        return {breed: weight / whole for breed, weight in weights.items()}, no_dog / whole

    def _lead(self, photos: Sequence[Seen], places: Sequence[int]) -> int | None:
        """None: together they name a breed that none of them names by itself; then they are better left alone."""
        shares, _ = self._averaged([photos[place] for place in places])
        breed = max(shares, key=lambda breed: shares[breed])
        naming = [place for place in places if photos[place].top[0][0] == breed]
        return max(naming, key=lambda place: photos[place].top[0][1], default=None)

    def _share(self, photo: Seen, breed: str) -> float:
        return next((share for known, share in photo.top if known == breed), None) or self._rest(photo)

    def _rest(self, photo: Seen) -> float:
        """What each breed gets that is not among the best five."""
        return min(_left(photo) / max(1, self.breeds - len(photo.top)), photo.top[-1][1])

    def _unknown(self, photo: Seen) -> float:
        """What is left for breeds that the head does not know (`Head.told`), beyond what the known ones may have."""
        known = max(1, self.breeds - len(photo.top)) * self._rest(photo)
        return max(0.0, _left(photo) - known) if self.breeds else 0.0


def _left(photo: Seen) -> float:
    return 1.0 - sum(share for _, share in photo.top) - photo.not_a_dog


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
