"""What people taught: accepted feedback out of the database as labelled photos.

The last thing a person said about an answer counts, once a review accepted it. A photo that accepted claims call by
different names is left out: one of them is wrong, and nothing here can tell which.
"""

from collections import defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass

from core.claim import dog_key, taught_breed
from db.chat.chat_records import AcceptedClaim
from db.database import Database
from db.photos.photo_store import PhotoStore
from training.data.check.connected import connected

PAGE = 1000


@dataclass(frozen=True, slots=True)
class FeedbackPhoto:
    """One photo, or one dog of several in it, and whose accepted claims agree on what it shows.

    Attributes:
        sha256: of its bytes, its name in the photo store.
        breed: slug, or ``not_a_dog``.
        events: ids of the claims, so that a model can name the feedback that made it.
        users: those who made them.
        dog, box: which dog of the photo; see `NewPrediction`.
    """

    sha256: str
    breed: str
    events: tuple[int, ...]
    users: frozenset[int]
    dog: int = 0
    box: Sequence[float] | None = None


@dataclass(frozen=True, slots=True)
class FeedbackPhotos:
    """What can be learned from, and what cannot.

    Attributes:
        photos: in the order of their first claims.
        disputed: SHA-256 of photos whose accepted claims contradict each other.
        missing: SHA-256 of photos that the store does not have, or no longer.
    """

    photos: list[FeedbackPhoto]
    disputed: list[str]
    missing: list[str]

    def groups(self) -> list[str]:
        """What belongs together, a name for each of `photos`.

        All photos of a person are one group, with those of whoever sent the same photo, so that a split tests on people
        whom the model has not learned from.
        """
        return [f"user {number}" for number in connected([photo.users for photo in self.photos])]


async def feedback_photos(database: Database, store: PhotoStore) -> FeedbackPhotos:
    """Read everything accepted so far; raises DatabaseError, PhotoStoreError."""
    claims: dict[str, list[AcceptedClaim]] = defaultdict(list)
    async for claim in every_accepted(database):
        claims[dog_key(claim.photo_sha256, claim.dog)].append(claim)
    agreed, disputed = agreeing(claims)
    there = await store.have([photo.sha256 for photo in agreed])
    missing = [photo.sha256 for photo in agreed if photo.sha256 not in there]
    return FeedbackPhotos([photo for photo in agreed if photo.sha256 in there], disputed, missing)


def agreeing(claims: Mapping[str, Sequence[AcceptedClaim]]) -> tuple[list[FeedbackPhoto], list[str]]:
    """One photo a dog where all claims about it say the same, and the SHA-256 of the others."""
    photos, disputed = [], []
    for about in claims.values():
        first = about[0]
        said = {breed: [claim for claim in about if label(claim) == breed] for breed in map(label, about) if breed}
        if len(said) > 1:
            disputed.append(first.photo_sha256)
        for breed, agreed in said.items():
            if len(said) == 1:
                users = frozenset(claim.user_id for claim in agreed)
                events = tuple(claim.event_id for claim in agreed)
                photos.append(FeedbackPhoto(first.photo_sha256, breed, events, users, first.dog, first.box))
    return photos, disputed


def label(claim: AcceptedClaim) -> str | None:
    """What an accepted claim says the photo shows; a reviewer has the last word. None: nothing to learn."""
    return taught_breed(claim.verdict, claim.claimed_breed, claim.reviewed_breed, claim.kind, claim.top)


async def every_accepted(database: Database) -> AsyncIterator[AcceptedClaim]:
    """Every claim that counts and was accepted, oldest first, in pages; raises DatabaseError."""
    after_id, page = 0, PAGE
    while page == PAGE:
        async with database.unit(read_only=True) as unit:
            claims = await unit.feedback.accepted(limit=PAGE, after_id=after_id)
        for claim in claims:
            yield claim
        page = len(claims)
        after_id = claims[-1].event_id if claims else after_id
