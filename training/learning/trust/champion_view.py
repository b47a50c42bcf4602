"""The review queue as the champion sees it: fed in pages, it keeps a few numbers of each claim."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from heapq import heappush, heappushpop
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.breeds.catalogue import NOT_A_DOG
from core.claim import Verdict, claimed_label, dog_key
from db.learning.learning_records import ReviewItem
from inference.model.head import Head
from training.learning.photos.duplicates import same_photos
from training.learning.trust.confusion import Shared
from training.learning.trust.waiting_claim import WaitingClaim

LIKELIEST: Final = 5000  # claims whose photos are compared with each other: 33 MB of features

Stored = tuple[str, bytes]
Vector = NDArray[np.float16]


class ChampionView:
    """Claims that name a label; the others are left to moderators."""

    def __init__(
        self, head: Head, shared: Shared, fresh_since: datetime | None = None, late_before: datetime | None = None
    ) -> None:
        """See with this head; `shared`: how far it takes breeds for each other.

        `fresh_since`: claims from then on are fresh: nobody could have looked at them yet. `late_before`: claims from
        before then are late.
        """
        self._head, self._shared = head, shared
        self._fresh_since, self._late_before = fresh_since, late_before
        self._claims: list[WaitingClaim] = []
        self._photos: list[str] = []
        self._likeliest: list[tuple[float, int, Vector]] = []

    def add(self, items: Sequence[ReviewItem], features: Mapping[int, Stored]) -> None:
        """One page, with backbone and features by prediction."""
        if not items:
            return
        vectors = [_vector(features.get(item.prediction_id), self._head) for item in items]
        nothing = np.zeros(len(self._head.weights), np.float16)
        usable = np.stack([nothing if vector is None else vector for vector in vectors])
        for item, vector, row in zip(items, vectors, self._head.probabilities(usable), strict=True):
            label = claimed_label(item.verdict, item.claimed_breed, item.kind, item.top)
            if label is not None:
                self._add(item, label, self._remembered(item) if vector is None else row, vector)

    def claims(self) -> list[WaitingClaim]:
        """In the order in which they came; claims about (nearly) the same photo of a dog have one number."""
        places = [place for _, place, _ in self._likeliest]
        first = same_photos([self._photos[place] for place in places], self._features())
        number = {self._photos[place]: places[one] for place, one in zip(places, first, strict=True)}
        for place, photo in enumerate(self._photos):
            number.setdefault(photo, place)
        return [replace(claim, photo=number[photo]) for claim, photo in zip(self._claims, self._photos, strict=True)]

    def _add(self, item: ReviewItem, label: str, row: NDArray[np.float32], vector: Vector | None) -> None:
        confirms = item.verdict is Verdict.CONFIRM
        claim = WaitingClaim.seen(
            item.event_id, item.user_id, 0, label, photo_sha256=item.photo_sha256, confirms=confirms,
            probabilities=row, labels=self._head.labels, shared=self._shared,
        )  # fmt: skip
        if self._fresh_since is not None and item.created_at > self._fresh_since:
            claim = replace(claim, fresh=True)
        if self._late_before is not None and item.created_at < self._late_before:
            claim = replace(claim, late=True)
        if vector is not None:  # what is implausible will wait, whatever it is a copy of
            keep = heappush if len(self._likeliest) < LIKELIEST else heappushpop
            keep(self._likeliest, (claim.probability, len(self._claims), vector))
        self._claims.append(claim)
        self._photos.append(dog_key(item.photo_sha256, item.dog))

    def _remembered(self, item: ReviewItem) -> NDArray[np.float32]:
        """What was answered then, where the features are another backbone's: five breeds and `not_a_dog`."""
        row = np.zeros(len(self._head.labels), np.float32)
        column = {label: place for place, label in enumerate(self._head.labels)}
        for breed, confidence in [*item.top, (NOT_A_DOG, item.not_a_dog)]:
            if breed in column:
                row[column[breed]] = confidence
        return row

    def _features(self) -> NDArray[np.float16]:
        vectors = [vector for _, _, vector in self._likeliest]
        return np.stack(vectors) if vectors else np.zeros((0, len(self._head.weights)), np.float16)


def _vector(stored: Stored | None, head: Head) -> Vector | None:
    """What this head can read, or None: another backbone's, or not sound."""
    if stored is None or stored[0] != head.backbone or len(stored[1]) != 2 * len(head.weights):
        return None
    vector = np.frombuffer(stored[1], "<f2").astype(np.float16)
    return vector if np.isfinite(vector).all() else None
