"""Nothing is learned from a photo whose person does not consent, and what is stored of it goes in time."""

from datetime import timedelta

import pytest
from db_clock import StoppedClock
from db_samples import ANNA, BEN, OTHER_PHOTO, PHOTO, claimed, predicted, queued, said
from stored import answers_of

from core.claim import Decision, Verdict
from db.chat.chat_records import ERASED, ClaimedDog, Consent, FeedbackRecord
from db.database import Database
from db.errors import RowMissing
from db.unit import Unit

EVA = "moderator:9"


async def answered(unit: Unit, consent: Consent | None, *, user_id: int = ANNA, photo: str = PHOTO) -> int:
    """A photo that was answered just now; the id of the answer."""
    answer = await predicted(unit, user_id=user_id, photo=photo, consent=None)
    if consent is not None:
        await unit.consents.set(user_id, consent)
    await unit.jobs.set_answered(answer.job_id, 5)
    return answer.id


async def corrected(unit: Unit, consent: Consent | None) -> FeedbackRecord:
    return await said(unit, await answered(unit, consent), Verdict.CORRECT)


async def waiting(unit: Unit) -> list[int]:
    return [item.event_id for item in await unit.review_queue.next(10)]


@pytest.mark.parametrize("consent", [None, Consent.NO])
async def test_without_consent_bytes_and_features_go_an_hour_after_the_answer_and_the_answer_stays(
    database: Database, clock: StoppedClock, consent: Consent | None
) -> None:
    async with database.unit() as unit:
        answer_id = await answered(unit, consent)
        clock.forward(minutes=59)
        early = await unit.retention.erase_due()
        clock.forward(minutes=1)
        erased = await unit.retention.erase_due()
        again = await unit.retention.erase_due()
        answer = await unit.predictions.get(answer_id)
        job = await unit.jobs.get(1)

        assert (early, erased, again) == (None, [PHOTO], None)
        assert answer is not None
        assert (answer.features, answer.photo_sha256, answer.top[0].breed) == (b"", ERASED, "afghan_hound")
        assert job is not None
        assert (job.photo_sha256, job.erase_at) == (ERASED, None)
        assert await unit.photos.get(PHOTO) is None
        assert await unit.photos.count() == 0


async def test_with_consent_photos_stay(database: Database, clock: StoppedClock) -> None:
    async with database.unit() as unit:
        answer_id = await answered(unit, Consent.YES)
        clock.forward(days=300)
        erased = await unit.retention.erase_due()
        answer = await unit.predictions.get(answer_id)

    assert erased is None
    assert answer is not None
    assert answer.photo_sha256 == PHOTO


async def test_a_photo_that_somebody_else_lets_us_keep_stays_for_them(database: Database, clock: StoppedClock) -> None:
    async with database.unit() as unit:
        mine = await answered(unit, Consent.NO)
        theirs = await answered(unit, Consent.YES, user_id=BEN)
        clock.forward(hours=2)

        assert await unit.retention.erase_due() == []

        found = [await unit.predictions.get(one) for one in (mine, theirs)]
    assert [one.photo_sha256 for one in found if one is not None] == [ERASED, PHOTO]


async def test_a_photo_without_an_answer_waits_for_it_and_one_that_failed_goes_at_once(
    database: Database, clock: StoppedClock
) -> None:
    async with database.unit() as unit:
        await queued(unit, consent=Consent.NO)
        broken = await queued(unit, photo=OTHER_PHOTO, consent=Consent.YES)
        await unit.jobs.set_failed(broken.id, "unreadable")
        clock.forward(days=2)
        before = await unit.retention.erase_due()
        await unit.jobs.set_answered(broken.id, 8)

        assert before is None
        assert await unit.retention.erase_due() == [OTHER_PHOTO]


async def test_a_claim_waits_for_consent_before_it_waits_for_a_review(database: Database) -> None:
    async with database.unit() as unit:
        claim = await corrected(unit, None)
        before = await waiting(unit), await unit.feedback.kept_photo(claim.id), await unit.claims.page()
        with pytest.raises(RowMissing, match="consented"):
            await unit.reviews.decide(claim.id, Decision.ACCEPTED, reviewer=EVA)
        await unit.reviews.add(feedback_event_id=claim.id, decision=Decision.REOPENED, reviewer=EVA)
        still = await waiting(unit)
        new = [await unit.consents.set(ANNA, Consent.YES) for _ in range(2)]

        assert before == ([], None, [])
        assert still == []
        assert new == [True, False]
        assert await waiting(unit) == [claim.id]
        assert await unit.feedback.kept_photo(claim.id) == ClaimedDog(PHOTO, None)
        assert [one.event_id for one in await unit.claims.page()] == [claim.id]
        assert (await unit.users.get(ANNA)).consent is Consent.YES  # type: ignore[union-attr]


async def test_consent_that_comes_after_the_photo_is_gone_brings_nothing_back(
    database: Database, clock: StoppedClock
) -> None:
    async with database.unit() as unit:
        await corrected(unit, None)
        clock.forward(hours=1)
        await unit.retention.erase_due()
        await unit.consents.set(ANNA, Consent.YES)

        assert await waiting(unit) == []


async def test_consent_taken_back_takes_everything_out_of_review_and_learning_at_once(database: Database) -> None:
    async with database.unit() as unit:
        accepted = await corrected(unit, Consent.YES)
        await unit.reviews.decide(accepted.id, Decision.ACCEPTED, reviewer=EVA)
        await corrected(unit, Consent.YES)
        others = await claimed(unit, user_id=BEN)
        await unit.consents.set(ANNA, Consent.NO)
        during = await waiting(unit), await unit.feedback.accepted(), await unit.stats.breeds()
        await unit.consents.set(ANNA, Consent.YES)
        back = [one.event_id for one in await unit.feedback.accepted()], await unit.stats.breeds()

        assert during == ([others.id], [], [])
        assert back == ([accepted.id], [("saluki", 1)])
        assert len(await waiting(unit)) == 2
        assert await unit.retention.erase_due() is None


async def test_consent_taken_back_erases_old_photos_at_once(database: Database, clock: StoppedClock) -> None:
    async with database.unit() as unit:
        await answered(unit, Consent.YES)
        clock.forward(days=30)
        await unit.consents.set(ANNA, Consent.NO)

        assert await unit.retention.erase_due() == [PHOTO]


async def test_all_of_a_photo_goes_after_the_retention_time(database: Database, clock: StoppedClock) -> None:
    async with database.unit() as unit:
        old = await corrected(unit, Consent.YES)
        await unit.reviews.decide(old.id, Decision.ACCEPTED, reviewer=EVA)
        clock.forward(days=200)
        young = await answered(unit, None, photo=OTHER_PHOTO)
        limit = clock() - timedelta(days=100)
        gone = [await unit.retention.delete_before(limit) for _ in range(2)]

        assert gone == [[PHOTO], None]
        assert await unit.feedback.get(old.id) is None
        assert await unit.stats.breeds() == []
        assert [one.id for one in await answers_of(unit, ANNA)] == [young]


async def test_an_album_goes_with_its_photos(database: Database, clock: StoppedClock) -> None:
    async with database.unit() as unit:
        await queued(unit)
        await unit.albums.open(ANNA, "old", ANNA)
        await unit.jobs.add(photo_sha256=PHOTO, user_id=ANNA, chat_id=ANNA, message_id=1, media_group_id="old")
        clock.forward(days=200)
        await unit.albums.open(ANNA, "young", ANNA)
        await unit.retention.delete_before(clock() - timedelta(days=100))

        assert await unit.albums.get(ANNA, "old") is None
        assert await unit.albums.get(ANNA, "young") is not None


async def test_people_are_told_once_what_is_kept(database: Database, clock: StoppedClock) -> None:
    async with database.unit() as unit:
        await unit.users.seen(ANNA, "en")
        told = clock()
        await unit.consents.notified(ANNA)
        clock.forward(hours=1)
        await unit.consents.notified(ANNA)
        anna = await unit.users.get(ANNA)

    assert anna is not None
    assert anna.notified_at == told


async def test_a_ban_outlives_being_forgotten_and_nothing_else_does(database: Database) -> None:
    async with database.unit() as unit:
        await predicted(unit)
        banned = [await unit.users.ban(one) for one in (ANNA, ANNA, BEN)]
        await unit.users.forget(ANNA)
        anna = await unit.users.get(ANNA)
        unbanned = [await unit.users.unban(one) for one in (ANNA, ANNA, BEN)]
        free = await unit.users.get(ANNA)

    assert (banned, unbanned) == ([True, False, True], [True, False, True])
    assert anna is not None
    assert anna.banned_at == anna.created_at
    assert (anna.language_code, anna.consent) == (None, None)
    assert free is not None
    assert free.banned_at is None
