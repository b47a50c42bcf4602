"""Photos that must be answered, and how far they are."""

from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.sql.elements import TextClause

from db.errors import RowMissing
from db.records import JobRecord, JobStatus
from db.repository import Repository
from db.tables import QUEUED, UNANSWERED, jobs, predictions


class Jobs(Repository):
    """Jobs by id; an update makes at most one."""

    async def add(
        self,
        *,
        photo_sha256: str,
        user_id: int,
        chat_id: int,
        message_id: int,
        update_id: int | None = None,
        progress_message_id: int | None = None,
    ) -> JobRecord:
        """A new queued job, or the one that this update made before. Photo and user must be stored already."""
        fresh = self._insert(jobs).values(
            photo_sha256=photo_sha256,
            user_id=user_id,
            chat_id=chat_id,
            message_id=message_id,
            update_id=update_id,
            progress_message_id=progress_message_id,
            created_at=self._now(),
        )
        job = await self._first(JobRecord, fresh.on_conflict_do_nothing(index_elements=["update_id"]).returning(jobs))
        if job is None:
            job = await self._first(JobRecord, select(jobs).where(jobs.c.update_id == update_id))
        if job is None:
            raise RowMissing(f"the job of update {update_id} vanished while it was added")
        return job

    async def get(self, job_id: int) -> JobRecord | None:
        """One job, or None."""
        return await self._first(JobRecord, select(jobs).where(jobs.c.id == job_id))

    async def by_update(self, update_id: int) -> JobRecord | None:
        """The job that this update made, or None."""
        return await self._first(JobRecord, select(jobs).where(jobs.c.update_id == update_id))

    async def begin(self, job_id: int) -> int:
        """Count an attempt; its number, from 1 (0 if there is no such job)."""
        statement = update(jobs).where(jobs.c.id == job_id).values(attempts=jobs.c.attempts + 1)
        return int(await self._value(statement.returning(jobs.c.attempts)) or 0)

    async def unfinished(self, limit: int = 10_000, *, after_id: int = 0) -> list[JobRecord]:
        """Queued jobs, oldest first: to be submitted again at start. The next page begins after the last one's id."""
        return await self._some(QUEUED, limit, after_id)

    async def unanswered(self, limit: int = 10_000, *, after_id: int = 0) -> list[JobRecord]:
        """Predicted or failed jobs whose user was not told yet, oldest first."""
        return await self._some(UNANSWERED, limit, after_id)

    async def set_progress_message(self, job_id: int, message_id: int | None) -> None:
        """The message that says "looking at it", to be replaced by the answer."""
        await self._run(update(jobs).where(jobs.c.id == job_id).values(progress_message_id=message_id))

    async def set_failed(self, job_id: int, failure: str) -> None:
        """No prediction will come, and why. A job that has one already keeps it."""
        values = {"status": JobStatus.FAILED, "failure": failure}
        await self._run(update(jobs).where(jobs.c.id == job_id, QUEUED).values(values))

    async def set_answered(self, job_id: int, message_id: int | None) -> None:
        """The user was told, in that message. A failed job stays `failed`, and is no longer unanswered."""
        told = {"answered_at": self._now(), "answer_message_id": message_id}
        unanswered = update(jobs).where(jobs.c.id == job_id, UNANSWERED)
        failed = await self._run(unanswered.where(jobs.c.status == JobStatus.FAILED).values(told))
        if not failed and await self._run(unanswered.values(told | {"status": JobStatus.ANSWERED})):
            prediction = update(predictions).where(predictions.c.job_id == job_id)
            await self._run(prediction.values(answer_message_id=message_id))

    async def count_queued(self) -> int:
        """How many jobs wait for a prediction."""
        return await self._count(QUEUED)

    async def count_unanswered(self) -> int:
        """How many answers wait to be sent."""
        return await self._count(UNANSWERED)

    async def oldest_queued_at(self) -> datetime | None:
        """Since when the oldest queued job waits; None: none does."""
        since: datetime | None = await self._value(select(jobs.c.created_at).where(QUEUED).order_by(jobs.c.id).limit(1))
        return since

    async def _some(self, condition: TextClause, limit: int, after_id: int) -> list[JobRecord]:
        page = select(jobs).where(condition, jobs.c.id > after_id).order_by(jobs.c.id).limit(limit)
        return await self._all(JobRecord, page)

    async def _count(self, condition: TextClause) -> int:
        return int(await self._value(select(func.count()).select_from(jobs).where(condition)))
