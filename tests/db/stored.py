"""Stored rows as tests want to see them, all at once."""

from sqlalchemy import select

from db.chat.chat_records import JobRecord, NewPrediction, PredictionRecord
from db.chat.inbox import InboxRecord
from db.tables import PENDING, UNANSWERED, inbox, jobs, predictions
from db.unit import Unit


async def pending_updates(unit: Unit, limit: int = 1000) -> list[InboxRecord]:
    """The oldest updates that are not done, in order of arrival."""
    oldest = select(inbox).where(PENDING).order_by(inbox.c.received_at, inbox.c.update_id).limit(limit)
    return [InboxRecord(**row) for row in (await unit.connection.execute(oldest)).mappings()]


async def unanswered_jobs(unit: Unit) -> list[JobRecord]:
    """Predicted or failed jobs whose user was not told yet, oldest first."""
    untold = select(jobs).where(UNANSWERED).order_by(jobs.c.id)
    return [JobRecord(**row) for row in (await unit.connection.execute(untold)).mappings()]


async def answers_of(unit: Unit, user_id: int) -> list[PredictionRecord]:
    """What a person was answered, newest first."""
    theirs = select(predictions).where(predictions.c.user_id == user_id).order_by(predictions.c.id.desc())
    return [PredictionRecord(**row) for row in (await unit.connection.execute(theirs)).mappings()]


async def predict(unit: Unit, job_id: int, said: NewPrediction) -> PredictionRecord:
    """Store the answer to a photo that shows one dog, or none."""
    job = await unit.jobs.get(job_id, hold=True)
    assert job is not None
    return (await unit.predictions.add_all(job, [said]))[0]
