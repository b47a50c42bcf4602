"""No query that the bot makes while it serves reads what is long done."""

import re
import time
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from db_samples import ANNA, OTHER_PHOTO, predicted, prediction, queued, update
from sqlalchemy import event

from db.clock import utc_now
from db.database import Database
from db.records import Verdict
from db.unit import Unit

# To go through the index of what waits is fine: it is short.
SCAN = re.compile(r"SCAN (?!CONSTANT|\w+ USING (COVERING )?INDEX ix_inbox_pending)")
Work = Callable[[Unit], Awaitable[object]]


async def plans(unit: Unit, work: Work) -> dict[str, list[str]]:
    """How SQLite goes about each statement of `work`."""
    statements: dict[str, Any] = {}
    connection = unit.connection.sync_connection
    assert connection is not None

    def note(_c: object, _cursor: object, sql: str, parameters: object, _x: object, many: bool) -> None:
        statements.setdefault(sql, parameters)

    event.listen(connection, "before_cursor_execute", note)
    await work(unit)
    event.remove(connection, "before_cursor_execute", note)
    found = {}
    for sql, parameters in statements.items():
        rows = await unit.connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", parameters)
        found[sql] = [row.detail for row in rows]
    return found


async def everything(unit: Unit) -> None:
    await unit.inbox.add([update(1)])
    await unit.inbox.begin(1)
    await unit.inbox.done(1)
    await unit.inbox.fail(1, "no")
    await unit.inbox.prune(unit.inbox._now())
    await unit.users.seen(ANNA, "en")
    await unit.users.await_search(ANNA, None)
    job = await queued(unit, update_id=9)
    await unit.jobs.by_update(9)
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


async def test_no_statement_scans_a_table(database: Database) -> None:
    async with database.unit() as unit:
        found = await plans(unit, everything)

    assert len(found) > 20
    for sql, plan in found.items():
        assert not any(SCAN.match(step) for step in plan), f"{sql}\n{plan}"


@pytest.mark.parametrize(
    ("work", "index"),
    [
        (lambda unit: unit.inbox.pending(10), "ix_inbox_pending"),
        (lambda unit: unit.inbox.count_pending(), "ix_inbox_pending"),
        (lambda unit: unit.inbox.prune(utc_now()), "ix_inbox_received_at"),
        (lambda unit: unit.jobs.unfinished(10), "ix_jobs_queued"),
        (lambda unit: unit.jobs.count_queued(), "ix_jobs_queued"),
        (lambda unit: unit.jobs.oldest_queued_at(), "ix_jobs_queued"),
        (lambda unit: unit.jobs.unanswered(10), "ix_jobs_unanswered"),
        (lambda unit: unit.jobs.count_unanswered(), "ix_jobs_unanswered"),
        (lambda unit: unit.feedback.latest(1), "ix_feedback_events_prediction_id"),
    ],
)
async def test_what_waits_is_found_by_its_own_index(database: Database, work: Work, index: str) -> None:
    async with database.unit() as unit:
        [plan] = (await plans(unit, work)).values()

    assert len(plan) == 1, plan
    assert index in plan[0]


async def test_deleting_a_person_finds_every_child_by_an_index(database: Database) -> None:
    async with database.unit() as unit:
        await predicted(unit)
        for table in ("jobs", "predictions", "feedback_events"):
            plan = await unit.connection.exec_driver_sql(f"EXPLAIN QUERY PLAN SELECT 1 FROM {table} WHERE user_id = 1")
            assert f"ix_{table}_user_id" in plan.one().detail


@pytest.mark.slow
async def test_intake_stays_fast_with_a_full_table(database: Database) -> None:
    async with database.unit() as unit:
        await unit.connection.exec_driver_sql(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300000) "
            "INSERT INTO inbox (update_id, received_at, done_at, attempts) "
            "SELECT i, '2026-02-01 00:00:00.000000', '2026-02-01 00:00:01.000000', 1 FROM n"
        )
    start = time.perf_counter()
    async with database.unit() as unit:
        new = await unit.inbox.add([update(10_000_000 + number) for number in range(100)])
    each_ms = (time.perf_counter() - start) * 1000 / len(new)

    assert len(new) == 100
    assert each_ms < 2
