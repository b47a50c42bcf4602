"""Which photos were in hand when the process died, so that one which kills it is found out."""

from collections.abc import Sequence

from sqlalchemy import case, select, update

from db.repository import Repository
from db.tables import QUEUED, jobs


class JobAttempts(Repository):
    """Attempts of queued jobs: noted before each, taken back where a photo was laid down unharmed."""

    async def begin(self, job_ids: Sequence[int]) -> dict[int, int]:
        """Count an attempt for each; by id its number, from 1. Jobs that are gone or have their result are left out."""
        these = update(jobs).where(jobs.c.id.in_(job_ids), QUEUED).values(attempts=jobs.c.attempts + 1)
        found = await self._execute(these.returning(jobs.c.id, jobs.c.attempts))
        return {row.id: row.attempts for row in found}

    async def put_back(self, job_ids: Sequence[int]) -> None:
        """The last attempt of each does not count."""
        fewer = case((jobs.c.attempts > 0, jobs.c.attempts - 1), else_=0)
        await self._execute(update(jobs).where(jobs.c.id.in_(job_ids), QUEUED).values(attempts=fewer))

    async def any_failed(self, failure: str) -> bool:
        """Whether any photo has failed so. Reads all jobs: for the start."""
        found = select(jobs.c.id).where(jobs.c.failure == failure).limit(1)
        return (await self._value(found)) is not None

    async def failed_before(self, job_ids: Sequence[int], failure: str) -> set[int]:
        """Those whose photo, the same bytes, has failed so before, whoever sent it."""
        before = jobs.alias("before")
        same = select(jobs.c.id).join(before, before.c.photo_sha256 == jobs.c.photo_sha256)
        return set((await self._execute(same.where(jobs.c.id.in_(job_ids), before.c.failure == failure))).scalars())
