"""Finds out photos that the process dies of; see `inference/queue/crash_guard.py`."""

from collections.abc import Mapping, Sequence

from bot.pipeline.leader import LEASE
from db.database import Database
from inference.queue.crash_guard import LIVES
from inference.queue.protocol import Failure, Job


class StoredCrashGuard:
    """The `Lives` of a worker, in the database."""

    def __init__(self, database: Database, suspect_up_to: int) -> None:
        """`suspect_up_to`: later jobs are not noted, for a note costs a transaction."""
        self._database = database
        self._suspect_up_to = suspect_up_to

    async def begin(self, jobs: Sequence[Job]) -> Mapping[int, int]:
        """See `Lives.begin`; one that was found out is not tried again, whoever sends it. Raises DatabaseError."""
        ids = [job.id for job in jobs if job.id <= self._suspect_up_to]
        if not ids:
            return {}
        async with self._database.unit() as unit:
            times = await unit.job_attempts.begin(ids)
            known = await unit.job_attempts.failed_before(ids, Failure.POISON)
        return times | dict.fromkeys(known, LIVES + 1)

    async def put_back(self, jobs: Sequence[Job]) -> None:
        """See `Lives.put_back`. Raises DatabaseError."""
        if ids := [job.id for job in jobs if job.id <= self._suspect_up_to]:
            async with self._database.unit() as unit:
                await unit.job_attempts.put_back(ids)


async def stored_crash_guard(database: Database) -> StoredCrashGuard:
    """If the process before us was cut off, it may have died of a photo that it had in hand: those are noted."""
    async with database.unit(read_only=True) as unit:
        cut_off = any(lease.name == LEASE for lease in await unit.leases.all())
        return StoredCrashGuard(database, await unit.jobs.newest_id() if cut_off else 0)
