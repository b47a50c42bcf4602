"""What people said around a moment: by model, in order, and by index."""

from datetime import timedelta
from pathlib import Path

from db_clock import StoppedClock
from db_samples import ANNA, predicted
from sqlalchemy import text

from core.claim import Decision, Verdict
from db.database import Database
from db.learning.answer_opinions import NewestIds


async def test_claims_are_told_apart_by_moment_and_model(database: Database, clock: StoppedClock) -> None:
    async with database.unit() as unit:
        for number in range(6):
            answer = await predicted(unit, photo=f"{number:064d}")
            clock.forward(hours=1)
            await unit.feedback.append(prediction_id=answer.id, user_id=ANNA, verdict=Verdict.CONFIRM)
    moment = clock.now - timedelta(hours=2)

    async with database.unit(read_only=True) as unit:
        since = await unit.judged.since(moment, "head-1")
        before = await unit.judged.before(moment, "head-1")
        last_two = await unit.judged.before(moment, "head-1", limit=2)
        others = await unit.judged.since(moment, "head-2")

    assert [one.event_id for one in before] == [1, 2, 3]
    assert [one.event_id for one in since] == [4, 5, 6]
    assert [one.event_id for one in last_two] == [2, 3]
    assert others == []


async def test_what_says_nothing_about_the_answer_is_left_out(database: Database, clock: StoppedClock) -> None:
    async with database.unit() as unit:
        answer = await predicted(unit)
        for verdict in (Verdict.DONT_KNOW, Verdict.NOT_A_DOG, Verdict.WITHDRAWN):
            await unit.feedback.append(prediction_id=answer.id, user_id=ANNA, verdict=verdict)

        said = await unit.judged.since(clock.now, "head-1")

    assert [one.verdict for one in said] == [Verdict.NOT_A_DOG, Verdict.WITHDRAWN]


async def test_gaps_left_by_forgotten_people_do_not_matter(database: Database, clock: StoppedClock) -> None:
    async with database.unit() as unit:
        for user in (7, ANNA, 7, ANNA, 7):
            answer = await predicted(unit, user_id=user)
            await unit.feedback.append(prediction_id=answer.id, user_id=user, verdict=Verdict.CONFIRM)
            clock.forward(hours=1)
        await unit.users.forget(7)
        moment = clock.now - timedelta(hours=3)

        assert [one.event_id for one in await unit.judged.since(moment, "head-1")] == [4]
        assert [one.event_id for one in await unit.judged.before(moment, "head-1")] == [2]


async def test_the_newest_claim_and_decision_are_known(database: Database) -> None:
    async with database.unit() as unit:
        assert await unit.judged.newest() == NewestIds(0, 0)
        answer = await predicted(unit)
        claim = await unit.feedback.append(prediction_id=answer.id, user_id=ANNA, verdict=Verdict.CONFIRM)
        await unit.reviews.add(feedback_event_id=claim.id, decision=Decision.ACCEPTED, reviewer="cli")

        assert await unit.judged.newest() == NewestIds(1, 1)


async def test_the_moment_is_found_by_index(database: Database, file: Path) -> None:
    async with database.unit(read_only=True) as unit:
        plan = await unit.connection.execute(
            text("EXPLAIN QUERY PLAN SELECT created_at FROM feedback_events WHERE id >= 5 ORDER BY id LIMIT 1")
        )

        assert "USING INTEGER PRIMARY KEY" in str(plan.all())
