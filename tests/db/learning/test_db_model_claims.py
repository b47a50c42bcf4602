"""Which claims made a model, and who is thanked for it."""

from db_clock import StoppedClock
from db_samples import ANNA, BEN, OTHER_PHOTO, PHOTO, claimed, said

from core.claim import Decision, Verdict
from db.database import Database
from db.learning.learning_records import EvidenceRecord
from db.unit import Unit

EVA = "moderator:1"


async def accepted(unit: Unit, user_id: int = ANNA, *, photo: str = PHOTO, breed: str | None = None) -> int:
    claim = await claimed(unit, user_id=user_id, photo=photo)
    await unit.reviews.decide(claim.id, Decision.ACCEPTED, reviewer=EVA, breed=breed)
    return claim.id


async def test_a_models_claims_come_with_their_labels_and_who_accepted_them(database: Database) -> None:
    async with database.unit() as unit:
        annas, bens = await accepted(unit), await accepted(unit, BEN, photo=OTHER_PHOTO, breed="borzoi")
        added = await unit.evidence.add("head-2", [annas, bens, annas])
        again = await unit.evidence.add("head-2", [annas])
        found = await unit.evidence.of("head-2")

        assert (added, again, await unit.evidence.count("head-2")) == (2, 0, 2)
        assert found == [
            EvidenceRecord(annas, ANNA, PHOTO, Verdict.CORRECT, "saluki", EVA),
            EvidenceRecord(bens, BEN, OTHER_PHOTO, Verdict.CORRECT, "borzoi", EVA),
        ]
        assert await unit.evidence.of("head-2", limit=1) == found[:1]
        assert await unit.evidence.of("head-2", after_id=annas) == found[1:]
        assert await unit.evidence.of("head-1") == []


async def test_the_ledger_keeps_what_was_taught_whatever_is_decided_later(database: Database) -> None:
    async with database.unit() as unit:
        event = await accepted(unit)
        await unit.evidence.add("head-2", [event])
        before = await unit.evidence.of("head-2")
        await unit.reviews.add(feedback_event_id=event, decision=Decision.ACCEPTED, reviewer="cli", breed="pug")
        await unit.reviews.add(feedback_event_id=event, decision=Decision.REJECTED, reviewer="cli")
        claim = await unit.feedback.get(event)
        assert claim is not None
        await said(unit, claim.prediction_id, Verdict.WITHDRAWN)

        assert await unit.evidence.of("head-2") == before


async def test_ten_thousand_claims_fit_and_those_that_are_gone_are_left_out(database: Database) -> None:
    async with database.unit() as unit:
        event = await accepted(unit)
        added = await unit.evidence.add("head-2", range(event, event + 10_000))

    assert added == 1


async def test_forgotten_people_leave_the_ledger_and_the_outbox(database: Database) -> None:
    async with database.unit() as unit:
        await unit.evidence.add("head-2", [await accepted(unit), await accepted(unit, BEN)])
        await unit.thanks.add("head-2")
        await unit.users.forget(ANNA)

        assert [record.user_id for record in await unit.evidence.of("head-2")] == [BEN]
        assert [thanks.user_id for thanks in await unit.thanks.due(10)] == [BEN]


async def test_everybody_is_thanked_once_for_each_correction(database: Database, clock: StoppedClock) -> None:
    async with database.unit() as unit:
        first = [await accepted(unit), await accepted(unit), await accepted(unit, BEN)]
        await unit.evidence.add("head-2", first)
        people = await unit.thanks.add("head-2")
        waiting = await unit.thanks.due(10)
        for thanks in waiting:
            await unit.thanks.sent(thanks.user_id, thanks.model_id)
        told = await unit.thanks.due(10)
        await unit.evidence.add("head-3", [*first, await accepted(unit, BEN)])
        people_later = await unit.thanks.add("head-3")
        people_again = await unit.thanks.add("head-3")

        assert (people, people_later, people_again) == (2, 1, 0)
        assert [(one.user_id, one.model_id, one.events) for one in waiting] == [(ANNA, "head-2", 2), (BEN, "head-2", 1)]
        assert told == []
        assert [(one.user_id, one.events) for one in await unit.thanks.due(10)] == [(BEN, 1)]


async def test_nobody_is_thanked_who_does_not_want_it(database: Database) -> None:
    async with database.unit() as unit:
        await unit.evidence.add("head-2", [await accepted(unit), await accepted(unit, BEN)])
        await unit.users.set_wants_thanks(ANNA, wanted=False)
        people = await unit.thanks.add("head-2")
        await unit.users.set_wants_thanks(BEN, wanted=False)

        assert people == 1
        assert await unit.thanks.due(10) == []
