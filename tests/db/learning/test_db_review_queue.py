"""What waits for a decision: every claim that counts, most informative first."""

from datetime import timedelta

import pytest
from db_clock import StoppedClock
from db_samples import ANNA, BEN, OTHER_PHOTO, PHOTO, TOP, claimed, prediction, said

from core.claim import Decision, Verdict
from core.prediction import BreedScore, Kind
from db.database import Database
from db.errors import RowMissing
from db.unit import Unit

SURE = (BreedScore("beagle", 0.99),)
TORN = (BreedScore("beagle", 0.3), BreedScore("saluki", 0.28))


async def waiting(unit: Unit) -> list[int]:
    return [item.event_id for item in await unit.review_queue.next(100)]


async def test_what_waits_comes_with_all_that_a_card_shows(database: Database, clock: StoppedClock) -> None:
    async with database.unit() as unit:
        claim = await claimed(unit, Verdict.CORRECT, breed="saluki", user_id=BEN, photo=OTHER_PHOTO)
    async with database.unit(read_only=True) as unit:
        [item] = await unit.review_queue.next()
        same = await unit.review_queue.get(claim.id)

    assert item == same
    assert (item.event_id, item.prediction_id, item.user_id) == (claim.id, claim.prediction_id, BEN)
    assert (item.verdict, item.claimed_breed, item.suggestion) == (Verdict.CORRECT, "saluki", None)
    assert (item.kind, item.top, item.not_a_dog) == (Kind.BREED, TOP, 0.01)
    assert (item.model_id, item.photo_sha256, item.created_at) == ("head-1", OTHER_PHOTO, clock.now)
    assert item.priority == pytest.approx(0.95 * 0.9 + 0.25)


async def test_suggestions_come_first_then_what_contradicts_a_sure_model_then_confirmations(
    database: Database,
) -> None:
    async with database.unit() as unit:
        confirmed = await claimed(unit, Verdict.CONFIRM)
        against_torn = await claimed(unit, answer=prediction(top=TORN))
        against_sure = await claimed(unit, answer=prediction(top=SURE))
        no_dog = await claimed(unit, Verdict.NOT_A_DOG)
        other = await claimed(unit, Verdict.OTHER)
        another = await claimed(unit, Verdict.OTHER, user_id=BEN)

        found = await waiting(unit)
        assert await unit.review_queue.count() == 6

    assert [*found[:2], found[-1]] == [other.id, another.id, confirmed.id]
    assert found.index(against_sure.id) < found.index(against_torn.id)
    assert no_dog.id in found


@pytest.mark.parametrize("verdict", [Verdict.DONT_KNOW, Verdict.WITHDRAWN])
async def test_what_claims_nothing_does_not_wait(database: Database, verdict: Verdict) -> None:
    async with database.unit() as unit:
        claim = await claimed(unit, Verdict.CORRECT)
        await said(unit, claim.prediction_id, verdict)

        assert await waiting(unit) == []
        assert await unit.review_queue.get(claim.id) is None
        assert await unit.review_queue.count() == 0


async def test_a_claim_that_is_replaced_gives_its_place_to_the_one_that_replaces_it(database: Database) -> None:
    async with database.unit() as unit:
        confirmed = await claimed(unit, Verdict.CONFIRM)
        corrected = await said(unit, confirmed.prediction_id, Verdict.CORRECT)
        once_more = await said(unit, confirmed.prediction_id, Verdict.CORRECT)

        assert once_more == corrected
        assert await waiting(unit) == [corrected.id]


async def test_what_is_decided_leaves_and_what_is_reopened_comes_back(database: Database) -> None:
    async with database.unit() as unit:
        claim = await claimed(unit)
        before = await unit.review_queue.get(claim.id)
        for decision in (Decision.ACCEPTED, Decision.REJECTED):
            await unit.reviews.decide(claim.id, decision, reviewer="cli")
            assert await waiting(unit) == []
            await unit.reviews.decide(claim.id, Decision.REOPENED, reviewer="cli")
            assert await unit.review_queue.get(claim.id) == before


async def test_a_breed_that_many_corrections_taught_no_longer_is_rare(database: Database) -> None:
    async with database.unit() as unit:
        first = await unit.review_queue.get((await claimed(unit)).id)
        for _ in range(10):
            await unit.reviews.decide((await claimed(unit)).id, Decision.ACCEPTED, reviewer="cli")
        last = await unit.review_queue.get((await claimed(unit)).id)

    assert first is not None
    assert last is not None
    assert first.priority - last.priority == pytest.approx(0.125)


async def test_pages_follow_each_other_without_gap_or_repetition(database: Database) -> None:
    async with database.unit() as unit:
        for number in range(7):
            await claimed(unit, Verdict.OTHER if number % 2 else Verdict.CORRECT, photo=PHOTO)
        everything = await unit.review_queue.next(100)
        found, after = [], None
        while page := await unit.review_queue.next(2, after=after):
            found += page
            after = (page[-1].priority, page[-1].event_id)

    assert len(found) == 7
    assert found == everything


async def test_what_is_skipped_is_not_shown_before_its_time(database: Database, clock: StoppedClock) -> None:
    async with database.unit() as unit:
        first, second = await claimed(unit, Verdict.OTHER), await claimed(unit)
        await unit.review_queue.skip(first.id, clock.now + timedelta(hours=1))
        skipped = await waiting(unit)
        still_there = await unit.review_queue.get(first.id)
        clock.forward(hours=1)

        assert skipped == [second.id]
        assert still_there is not None
        assert await unit.review_queue.count() == 2
        assert await waiting(unit) == [first.id, second.id]


async def test_what_does_not_wait_cannot_be_skipped(database: Database, clock: StoppedClock) -> None:
    async with database.unit() as unit:
        claim = await claimed(unit, Verdict.DONT_KNOW)
        with pytest.raises(RowMissing, match=f"claim {claim.id}"):
            await unit.review_queue.skip(claim.id, clock.now)


async def test_a_forgotten_person_leaves_nothing_that_waits(database: Database) -> None:
    async with database.unit() as unit:
        await claimed(unit, user_id=ANNA)
        bens = await claimed(unit, user_id=BEN)
        await unit.users.forget(ANNA)

        assert await waiting(unit) == [bens.id]
