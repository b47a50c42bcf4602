"""No query that the bot makes while it serves reads what is long done."""

import os
import re
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
from db_samples import ANNA, OTHER_PHOTO, predicted, prediction, queued, update
from sqlalchemy import event
from stored import predict

from core.claim import Decision, Verdict
from core.clock import utc_now
from db.chat.chat_records import Consent
from db.database import Database
from db.learning.learning_records import NewShadowScore, RetrainStatus, RetrainTrigger
from db.unit import Unit

ENGINES = ("sqlite",)  # whose plans these are; PostgreSQL goes by statistics, and reads small tables from end to end
# To go through the index of what waits is fine: it is short, or read from its start until there is enough. So are the
# pages that come of that.
WAITING = "ix_albums_due|ix_inbox_key|ix_review_queue_rank|ix_thanks_unsent"
SCAN = re.compile(rf"SCAN (?!CONSTANT|anon_\d|\w+ USING (COVERING )?INDEX ({WAITING}))")
NEWEST = re.compile(r"FROM (\w+) ORDER BY \1\.id( DESC)?\s+LIMIT")  # from an end of the table until there is enough
EVA = "moderator:1"
Work = Callable[[Unit], Awaitable[object]]


async def plans(unit: Unit, work: Work) -> dict[str, list[str]]:
    """How SQLite goes about each statement of `work`."""
    statements: dict[str, Any] = {}
    connection = unit.connection.sync_connection
    assert connection is not None

    def note(_c: object, _cursor: object, sql: str, parameters: Any, _x: object, many: bool) -> None:
        statements.setdefault(sql, parameters[0] if many else parameters)

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
    await unit.inbox.put_aside(1, "anna ~")
    await unit.inbox.later(1, unit.inbox._now(), "too many", failed=False)
    await unit.inbox.waiting("anna ~")
    await unit.inbox.finish(1)
    await unit.inbox.finish(1, "no")
    await unit.inbox.prune(unit.inbox._now())
    await unit.users.seen(ANNA, "en")
    await unit.users.await_search(ANNA, None)
    job = await queued(unit, update_id=9)
    await unit.jobs.by_update(9)
    await unit.jobs.of_album(ANNA, "g1")
    await unit.jobs.last_of_user(ANNA, 20)
    await unit.jobs.last_of_chat(ANNA, 20)
    await unit.consents.notified(ANNA)
    await unit.consents.set(ANNA, Consent.NO)
    await unit.consents.set(ANNA, Consent.YES)
    await unit.users.ban(ANNA)
    await unit.users.unban(ANNA)
    await unit.albums.open(ANNA, "g1", ANNA)
    await unit.albums.close(ANNA, "g1")
    await unit.chats.set_answers_all(-5, True, set_by=ANNA)
    await unit.chats.answers_all(-5)
    stored = await predict(unit, job.id, prediction())
    await unit.jobs.set_answered(job.id, 1)
    await unit.predictions.by_token(stored.token)
    await unit.predictions.said_in(ANNA, ANNA, 7, since=unit.inbox._now())
    await unit.jobs.set_inline_message(job, "m")
    await unit.feedback.append(prediction_id=stored.id, user_id=ANNA, verdict=Verdict.CONFIRM)
    await unit.feedback.list(prediction_id=stored.id)
    await unit.feedback.list(user_id=ANNA)
    await unit.feedback.list()
    await learning(unit, stored.id)
    await queued(unit, photo=OTHER_PHOTO)
    await unit.consents.set(ANNA, Consent.NO)
    await unit.retention.erase_due()
    await unit.retention.any_before(unit.inbox._now(), 10)
    await unit.retention.newest_before(unit.inbox._now())
    await unit.retention.delete_before(unit.inbox._now() + timedelta(days=1))
    await unit.users.forget(ANNA)


async def learning(unit: Unit, prediction_id: int) -> None:
    about: dict[str, Any] = {"prediction_id": prediction_id, "user_id": ANNA}
    claim = await unit.feedback.append(**about, verdict=Verdict.CORRECT, breed="pug")
    await unit.feedback.kept_photo(claim.id)
    await unit.review_queue.next(10)
    await unit.review_queue.next(10, after=(0.5, 7))
    await unit.review_queue.get(claim.id)
    await unit.review_queue.skip(claim.id, unit.inbox._now())
    await unit.reviews.decide(claim.id, Decision.ACCEPTED, reviewer=EVA)
    await unit.feedback.accepted()
    await unit.feedback.accepted(after_id=7)
    await unit.retrains.accepted_since(None)
    await unit.retrains.accepted_since(unit.inbox._now())
    await unit.reviews.latest(1)
    await unit.reviews.recent(limit=10)
    await unit.reviews.recent(EVA, limit=10)
    await unit.reviews.by_user(ANNA)
    await unit.reviews.accepted_by("policy", unit.inbox._now())
    await unit.evidence.add("head-2", [claim.id])
    await unit.evidence.of("head-2")
    await unit.evidence.count("head-2")
    await unit.thanks.add("head-2")
    await unit.thanks.due(10)
    await unit.inbox.due(10)
    await unit.outbox.due(10)
    await unit.albums.due(10)
    await unit.jobs.due(10)
    await unit.thanks.sent(ANNA, "head-2")
    await unit.shadow.add([NewShadowScore(prediction_id, "head-2", "pug", 0.5)])
    await unit.shadow.agreement("head-2")
    await unit.judged.since(unit.inbox._now(), "head-1")
    await unit.judged.before(unit.inbox._now(), "head-1")
    await unit.judged.newest()
    await unit.activity.first_ids([unit.inbox._now()])
    await unit.activity.samples([0, 1000, 2000], 20)
    await unit.activity.said_lately(100)
    await unit.job_attempts.begin([1])
    await unit.job_attempts.put_back([1])
    await unit.job_attempts.failed_before([1], "poison")
    retrain = await unit.retrains.start(RetrainTrigger.COMMAND, "head-1", os.getpid())
    await unit.retrains.finish(retrain.id, RetrainStatus.NOTHING_NEW)
    await unit.retrains.last(10)
    await unit.retrains.get("head-2")
    await unit.console.add_link("1", moderator_id=ANNA, expires_at=unit.inbox._now())
    await unit.console.use_link("1")
    await unit.console.add_session("1", moderator_id=ANNA, csrf_hash="2", expires_at=unit.inbox._now())
    await unit.console.session("1")
    await unit.console.prune()
    # Undecided again and replaced, which takes everything away that was kept.
    await unit.reviews.decide(claim.id, Decision.REOPENED, reviewer=EVA)
    await unit.feedback.append(**about, verdict=Verdict.WITHDRAWN)


async def test_no_statement_scans_a_table(database: Database) -> None:
    async with database.unit() as unit:
        found = await plans(unit, everything)

    assert len(found) > 60
    for sql, plan in found.items():
        assert NEWEST.search(sql) or not any(SCAN.match(step) for step in plan), f"{sql}\n{plan}"


@pytest.mark.parametrize(
    ("work", "index"),
    [
        (lambda unit: unit.inbox.due(10), "ix_inbox_due"),
        (lambda unit: unit.outbox.due(10), "ix_outbox_due"),
        (lambda unit: unit.inbox.prune(utc_now()), "ix_inbox_received_at"),
        (lambda unit: unit.jobs.due(10), "ix_jobs_queued"),
        (lambda unit: unit.jobs.count_pending(), "ix_jobs_queued"),
        (lambda unit: unit.jobs.oldest_queued_at(), "ix_jobs_queued"),
        (lambda unit: unit.jobs.count_unanswered(), "ix_jobs_unanswered"),
        (lambda unit: unit.feedback.latest(1), "ix_feedback_events_prediction_id"),
        (lambda unit: unit.reviews.recent(EVA), "ix_reviews_reviewer"),
        (lambda unit: unit.retrains.get("head-2"), "ix_retrains_model_id"),
        (lambda unit: unit.retrains.running(), "ix_retrains_running"),
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
