"""Finds out photos that the process dies of; see `inference/queue/crash_guard.py`."""

from collections.abc import Mapping, Sequence

from db.database import Database
from inference.queue.crash_guard import LIVES
from inference.queue.protocol import Failure, Job


class StoredCrashGuard:
    """The `CrashGuard` of a worker, in the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def begin(self, jobs: Sequence[Job]) -> Mapping[int, int]:
        """See `CrashGuard.begin`; one that was found out is not tried again, whoever sends it. Raises DatabaseError."""
        ids = [job.id for job in jobs]
        async with self._database.unit() as unit:
            times = await unit.job_attempts.begin(ids)
            known = await unit.job_attempts.failed_before(ids, Failure.POISON)
        return times | dict.fromkeys(known, LIVES + 1)

    async def put_back(self, jobs: Sequence[Job]) -> None:
        """See `CrashGuard.put_back`. Raises DatabaseError."""
        async with self._database.unit() as unit:
            await unit.job_attempts.put_back([job.id for job in jobs])
