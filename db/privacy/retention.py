"""What must go because its time has come: bytes and features without consent; all of a photo after a year or so."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import delete, func, select, update

from db.chat.chat_records import ERASED
from db.chat.photos import Photos
from db.learning.claim_status import Standing
from db.repository import Repository, chunks
from db.tables import TO_ERASE, albums, inbox, jobs, predictions


class Retention(Repository):
    """Pages of what must go; call each until it does nothing more, in units of their own."""

    async def erase_due(self, limit: int = 200) -> Sequence[str] | None:
        """Erase bytes and features whose time has come; answers and what was said about them stay.

        Returns the SHA-256 of photos that nothing else needs: delete them from the photo store before the commit, so
        that no file is ever without a row. None: nothing was due.
        """
        due = select(jobs.c.id, jobs.c.photo_sha256).where(TO_ERASE, jobs.c.erase_at <= self._now())
        found = (await self._execute(due.order_by(jobs.c.erase_at).limit(limit))).all()
        if not found:
            return None
        ids = [row.id for row in found]
        await self._withhold(ids)
        photos = Photos(self._connection, self._now)
        await photos.add(ERASED, size_bytes=0, mime="", width=0, height=0)
        erased = {"photo_sha256": ERASED, "features": b""}
        await self._execute(update(predictions).where(predictions.c.job_id.in_(ids)).values(erased))
        await self._execute(update(jobs).where(jobs.c.id.in_(ids)).values(photo_sha256=ERASED, erase_at=None))
        return await self._unused({row.photo_sha256 for row in found})

    async def delete_before(self, moment: datetime, limit: int = 200) -> Sequence[str] | None:
        """Delete the oldest photos' jobs, answers and what was said about them, if they are from before that moment.

        Returns as `erase_due`.
        """
        shown = (jobs.c.id, jobs.c.photo_sha256, jobs.c.created_at, jobs.c.chat_id, jobs.c.media_group_id)
        oldest = select(*shown).order_by(jobs.c.id).limit(limit)
        found = [row for row in (await self._execute(oldest)).all() if row.created_at < moment]
        if not found:
            return None
        ids = [row.id for row in found]
        await self._withhold(ids)
        await self._execute(delete(jobs).where(jobs.c.id.in_(ids)))
        for chat_id, album in {(row.chat_id, row.media_group_id) for row in found if row.media_group_id is not None}:
            await self._execute(delete(albums).where(albums.c.chat_id == chat_id, albums.c.media_group_id == album))
        return await self._unused({row.photo_sha256 for row in found})

    async def any_before(self, moment: datetime, beyond: int = 0) -> bool:
        """Whether `delete_before` would delete anything; `beyond`: more photos than so many. Ids follow the time."""
        oldest = select(jobs.c.created_at).order_by(jobs.c.id)
        found = await self._value(oldest.offset(beyond).limit(1))
        return found is not None and found < moment

    async def count(self, before: datetime | None = None) -> int:
        """Photos that there are, or those from before a moment; the latter reads all of them."""
        query = select(func.count()).select_from(jobs)
        return int(await self._value(query if before is None else query.where(jobs.c.created_at < before)))

    async def newest_before(self, moment: datetime) -> datetime | None:
        """When the last update or photo came, of those before that moment; of photos the last thousand count."""
        came = inbox.c.received_at
        last_update = select(came).where(came < moment).order_by(came.desc()).limit(1)
        last_photos = select(jobs.c.created_at).order_by(jobs.c.id.desc()).limit(1000)
        found = [*(await self._execute(last_update)).scalars(), *(await self._execute(last_photos)).scalars()]
        return max((one for one in found if one < moment), default=None)

    async def _withhold(self, job_ids: Iterable[int]) -> None:
        standing = Standing(self._connection, self._now)
        for some in chunks(job_ids):
            answers = await self._execute(select(predictions.c.id).where(predictions.c.job_id.in_(some)))
            await standing.withhold_about(list(answers.scalars()))

    async def _unused(self, sha256: Iterable[str]) -> list[str]:
        photos = Photos(self._connection, self._now)
        return [one for one in sorted(sha256) if one != ERASED and await photos.drop_unused(one)]
