"""Finds out photos that the process dies of; see `inference.queue.protocol.CrashGuard`."""

from collections.abc import Mapping, Sequence

from bot.pipeline.leader import LEASE
from db.database import Database
from inference.queue.protocol import LIVES, Failure, Job


class StoredCrashGuard:
    """The `CrashGuard` of a worker, in the database."""

    def __init__(self, database: Database, suspect_up_to: int, *, poison_known: bool) -> None:
        """As `stored_crash_guard` finds out.

        Args:
            database: open.
            suspect_up_to: jobs up to this one may have been in hand when the process before us was cut off: only
                those are noted, for a note costs a transaction.
            poison_known: photos were found out before, and may be sent again.
        """
        self._database = database
        self._suspect_up_to = suspect_up_to
        self._poison_known = poison_known

    async def begin(self, jobs: Sequence[Job]) -> Mapping[int, int]:
        """See `CrashGuard.begin`; one that was found out is not tried again, whoever sends it. Raises DatabaseError."""
        times: dict[int, int] = {}
        if suspects := [job.id for job in jobs if job.id <= self._suspect_up_to]:
            begun = await self._database.write(lambda unit: unit.job_attempts.begin(suspects))
            times = {job_id: 1 + count for job_id, count in begun.items()}  # the first, cut off, was not noted
            self._poison_known |= any(count > LIVES for count in times.values())
        if self._poison_known:
            async with self._database.unit(read_only=True) as unit:
                known = await unit.job_attempts.failed_before([job.id for job in jobs], Failure.POISON)
            times |= dict.fromkeys(known, LIVES + 1)
        return times

    async def put_back(self, jobs: Sequence[Job]) -> None:
        """See `CrashGuard.put_back`. Raises DatabaseError."""
        if suspects := [job.id for job in jobs if job.id <= self._suspect_up_to]:
            await self._database.write(lambda unit: unit.job_attempts.put_back(suspects))


async def stored_crash_guard(database: Database) -> StoredCrashGuard | None:
    """If the process before us was cut off, it may have died of a photo that it had in hand; None: nothing did."""
    async with database.unit(read_only=True) as unit:
        cut_off = any(lease.name == LEASE for lease in await unit.leases.all())
        newest = await unit.jobs.newest_id() if cut_off else 0
        poison_known = await unit.job_attempts.any_failed(Failure.POISON)
    return StoredCrashGuard(database, newest, poison_known=poison_known) if newest or poison_known else None
