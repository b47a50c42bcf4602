"""No query that the bot makes while it serves reads a whole table."""

import re
import time

import pytest
from db_samples import ANNA, OTHER_PHOTO, PHOTO, predicted, prediction, queued, update
from sqlalchemy import event

from db.database import Database
from db.records import Verdict
from db.unit import Unit


async def everything(unit: Unit) -> None:
    now = unit.inbox._now()
    await unit.inbox.add([update(1)])
    await unit.inbox.pending(10)
    await unit.inbox.pending(10, skip=[1])
    await unit.inbox.begin(1)
    await unit.inbox.done(1)
    await unit.inbox.fail(1, "no", retry=True)
    await unit.inbox.last_update_id()
    await unit.inbox.count_pending()
    await unit.inbox.prune(now)
    await unit.users.seen(ANNA, "en")
    await unit.users.await_search(ANNA, None)
    job = await queued(unit, update_id=9)
    await unit.jobs.unfinished(10)
    await unit.jobs.unanswered(10, after_id=3)
    await unit.jobs.by_update(9)
    await unit.jobs.count_queued()
    await unit.jobs.count_unanswered()
    await unit.jobs.oldest_queued_at()
    await unit.jobs.begin(job.id)
    stored = await unit.predictions.add(job.id, prediction())
    await unit.jobs.set_answered(job.id, 1)
    await unit.predictions.by_token(stored.token)
    await unit.feedback.append(prediction_id=stored.id, user_id=ANNA, verdict=Verdict.CONFIRM)
    await unit.feedback.list(prediction_id=stored.id)
    await unit.feedback.list(user_id=ANNA)
    await unit.feedback.list()
    await unit.reviews.latest(1)
    await queued(unit, photo=OTHER_PHOTO)
    await unit.users.forget(ANNA)


async def test_no_query_scans_a_table(database: Database) -> None:
    statements: dict[str, object] = {}

    async with database.unit() as unit:
        sync = unit.connection.sync_connection
        assert sync is not None

        @event.listens_for(sync, "before_cursor_execute")
        def note(_c: object, _cursor: object, sql: str, parameters: object, _x: object, many: bool) -> None:
            statements.setdefault(sql, parameters)

        await everything(unit)
        event.remove(sync, "before_cursor_execute", note)
        plans = {}
        for sql, parameters in statements.items():
            rows = await unit.connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", parameters)  # type: ignore[arg-type]
            plans[sql] = [row.detail for row in rows]

    assert len(plans) > 25
    for sql, plan in plans.items():
        for step in plan:
            # A scan of an index in its order stops at the LIMIT; the partial ones hold what waits, not what was.
            assert not re.match(r"SCAN \w+(?! USING)\b", step), f"{sql}\n{plan}"


async def test_deleting_a_person_finds_every_child_by_an_index(database: Database) -> None:
    async with database.unit() as unit:
        await predicted(unit, photo=PHOTO)
        for table in ("jobs", "predictions", "feedback_events"):
            plan = await unit.connection.exec_driver_sql(f"EXPLAIN QUERY PLAN SELECT 1 FROM {table} WHERE user_id = 1")
            assert "USING" in plan.one().detail


@pytest.mark.slow
async def test_intake_stays_fast_with_a_full_table(database: Database) -> None:
    async with database.unit() as unit:
        await unit.connection.exec_driver_sql(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300000) "
            "INSERT INTO inbox (update_id, received_at, done_at, attempts) "
            "SELECT i, '2026-02-01 00:00:00.000000', '2026-02-01 00:00:01.000000', 1 FROM n"
        )
    async with database.unit() as unit:
        start = time.perf_counter()
        await unit.inbox.add([update(10_000_000 + number) for number in range(100)])
        each_ms = (time.perf_counter() - start) * 10
        assert await unit.inbox.count_pending() == 100

    assert each_ms < 2
