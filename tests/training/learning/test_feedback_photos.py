"""Accepted feedback becomes labelled photos: the last word counts, contradictions and lost photos are left out."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlite_file import write_migrated
from stored import predict

from core.claim import Decision, Verdict
from core.prediction import BreedScore, Kind
from db.chat.chat_records import Consent, NewPrediction
from db.database import Database
from db.photos.photo_store import PhotoFolder, PhotoStore
from training.data.check.connected import connected
from training.learning.feedback.feedback_photos import FeedbackPhoto, feedback_photos

ANNA, BEN, CARL = 1, 2, 3


class Taught:
    """A database and a photo store that people talk to."""

    def __init__(self, database: Database, store: PhotoStore) -> None:
        self.database, self.store = database, store

    async def photo(self, user_id: int, content: bytes, kind: str = "breed") -> int:
        """An answered photo; the id of the answer, which says "saluki"."""
        sha256 = await self.store.put(content)
        async with self.database.unit() as unit:
            await unit.users.seen(user_id, "en")
            await unit.consents.set(user_id, Consent.YES)
            await unit.photos.add(sha256, size_bytes=len(content), mime="image/jpeg", width=8, height=6)
            job = await unit.jobs.add(photo_sha256=sha256, user_id=user_id, chat_id=user_id, message_id=1)
            top = (BreedScore("saluki", 0.9), BreedScore("borzoi", 0.1))
            answer = await predict(unit, job.id, NewPrediction(Kind(kind), top, 0.1, "head", "backbone", b""))
        return answer.id

    async def said(
        self,
        user_id: int,
        answer: int,
        verdict: Verdict,
        breed: str | None = None,
        *,
        decision: Decision | None = Decision.ACCEPTED,
        reviewed: str | None = None,
    ) -> int:
        """What somebody says of an answer, and what a reviewer makes of it; the id of the claim."""
        async with self.database.unit() as unit:
            claim = await unit.feedback.append(prediction_id=answer, user_id=user_id, verdict=verdict, breed=breed)
            if decision is not None:
                await unit.reviews.add(feedback_event_id=claim.id, decision=decision, reviewer="eva", breed=reviewed)
        return claim.id

    async def labels(self) -> dict[bytes, str]:
        found = await feedback_photos(self.database, self.store)
        return {await self.store.get(photo.sha256): photo.breed for photo in found.photos}


@pytest.fixture
async def taught(tmp_path: Path) -> AsyncIterator[Taught]:
    database = await Database.open(write_migrated(tmp_path / "breedbot.sqlite3"))
    yield Taught(database, PhotoFolder(tmp_path / "photos", reserve_bytes=0))
    await database.close()


async def test_each_verdict_says_what_the_photo_shows(taught: Taught) -> None:
    cases: list[tuple[bytes, str, Verdict, str | None, str | None]] = [
        (b"confirmed", "breed", Verdict.CONFIRM, None, None),
        (b"confirmed though unsure", "unsure", Verdict.CONFIRM, None, None),
        (b"confirmed as no dog", "not_a_dog", Verdict.CONFIRM, None, None),
        (b"corrected", "breed", Verdict.CORRECT, "pug", None),
        (b"no dog", "breed", Verdict.NOT_A_DOG, None, None),
        (b"nobody knows", "breed", Verdict.DONT_KNOW, None, None),
        (b"the reviewer knows", "breed", Verdict.DONT_KNOW, None, "beagle"),
        (b"the reviewer knows better", "breed", Verdict.CORRECT, "pug", "boxer"),
    ]
    for content, kind, verdict, breed, reviewed in cases:
        answer = await taught.photo(ANNA, content, kind)
        await taught.said(ANNA, answer, verdict, breed, reviewed=reviewed)

    assert await taught.labels() == {
        b"confirmed": "saluki",
        b"confirmed though unsure": "saluki",
        b"confirmed as no dog": "not_a_dog",
        b"corrected": "pug",
        b"no dog": "not_a_dog",
        b"the reviewer knows": "beagle",
        b"the reviewer knows better": "boxer",
    }


async def test_only_the_last_word_counts_and_only_when_accepted(taught: Taught) -> None:
    changed, replaced, waiting, refused = [await taught.photo(ANNA, bytes([number])) for number in range(4)]
    await taught.said(ANNA, changed, Verdict.CONFIRM)
    await taught.said(ANNA, changed, Verdict.CORRECT, "pug")
    await taught.said(ANNA, replaced, Verdict.CONFIRM)
    await taught.said(ANNA, replaced, Verdict.WITHDRAWN, decision=None)
    await taught.said(ANNA, waiting, Verdict.CONFIRM, decision=None)
    await taught.said(ANNA, refused, Verdict.CONFIRM, decision=Decision.REJECTED)

    assert await taught.labels() == {bytes([0]): "pug"}


async def test_one_photo_of_several_people_is_one_photo_if_they_agree(taught: Taught) -> None:
    events = []
    for user_id in (ANNA, BEN):
        events.append(await taught.said(user_id, await taught.photo(user_id, b"same"), Verdict.CONFIRM))
        answer = await taught.photo(user_id, b"disputed")
        await taught.said(user_id, answer, Verdict.CORRECT, "pug" if user_id == ANNA else "boxer")

    found = await feedback_photos(taught.database, taught.store)

    sha256 = await taught.store.put(b"same")
    assert found.photos == [FeedbackPhoto(sha256, "saluki", tuple(events), frozenset({ANNA, BEN}))]
    assert found.disputed == [await taught.store.put(b"disputed")]


async def test_a_photo_that_is_gone_is_left_out(taught: Taught) -> None:
    await taught.said(ANNA, await taught.photo(ANNA, b"gone"), Verdict.CONFIRM)
    sha256 = await taught.store.put(b"gone")
    await taught.store.delete(sha256)

    found = await feedback_photos(taught.database, taught.store)

    assert (found.photos, found.missing) == ([], [sha256])


async def test_a_persons_photos_and_those_they_share_are_one_group(taught: Taught) -> None:
    for user_id, content in [(ANNA, b"1"), (ANNA, b"2"), (BEN, b"2"), (BEN, b"3"), (CARL, b"4")]:
        await taught.said(user_id, await taught.photo(user_id, content), Verdict.CONFIRM)
    found = await feedback_photos(taught.database, taught.store)

    group_of = {
        await taught.store.get(photo.sha256): group for photo, group in zip(found.photos, found.groups(), strict=True)
    }

    assert group_of[b"1"] == group_of[b"2"] == group_of[b"3"] != group_of[b"4"]


def test_what_is_joined_over_others_is_one() -> None:
    assert connected([{"a"}, {"b"}, set(), {"c", "b"}, {"c", "a"}, {"d"}]) == [0, 0, 2, 0, 0, 5]
    assert connected([]) == []
