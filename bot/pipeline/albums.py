"""When an album is complete: Telegram sends its photos one by one and says nothing of the last.

It is, when none of its photos is on its way through the inbox, none has come for a short while, and each has its
result. One whose photo cannot be fetched is not waited for much longer: it is added to the answer.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from operator import attrgetter

from bot.conversation.photo.photo_file import CLIP_ALBUM
from bot.errors import Later
from bot.pipeline.stage import Mark, Stage
from bot.timing import Timing
from core.clock import utc_now
from core.supervisor import Supervisor
from db.chat.albums import AlbumRecord
from db.chat.chat_records import JobStatus
from db.database import Database
from db.unit import Unit

PLACES = 8


class AlbumStage:
    """Puts albums that are complete into the outbox."""

    def __init__(
        self, database: Database, saves: Supervisor, timing: Timing, complete: Callable[[], None] = lambda: None
    ) -> None:
        """`complete`: an album is in the outbox."""
        self._told = complete
        self._database = database
        self._timing = timing
        self._since = utc_now()
        self.stage = Stage[AlbumRecord](
            "albums",
            attrgetter("albums"),
            attrgetter("chat_id", "media_group_id"),
            self._complete,
            database,
            saves,
            places=PLACES,
            backoff=timing.in_trouble,
        )

    def begin(self) -> None:
        """We lead from now on: more of an album may be on its way to us, however old its photos are."""
        self._since = utc_now()

    async def _complete(self, album: AlbumRecord) -> Mark:
        key = album.chat_id, album.media_group_id
        async with self._database.unit(read_only=True) as unit:
            coming = await unit.inbox.of_album(*key)
            jobs = await unit.jobs.of_album(*key)
        if (wait_s := self._wait_s(album, coming, [job.created_at for job in jobs])) > 0:
            raise Later("more photos may come", wait_s)
        queued = any(job.status is JobStatus.QUEUED for job in jobs)
        first = next((job for job in jobs if job.answered_at is None), None)

        async def mark(unit: Unit) -> None:
            await unit.albums.rest(*key, album.next_try_at)  # the next result wakes it, if none has meanwhile
            if not queued and first is not None:
                await unit.outbox.add(first.id, album.chat_id, first.user_id, album.media_group_id)
                asyncio.get_running_loop().call_soon(self._told)

        return mark

    def _wait_s(self, album: AlbumRecord, coming: list[datetime], came: list[datetime]) -> float:
        """Seconds until it may be complete, as far as is known now."""
        if album.media_group_id.startswith(CLIP_ALBUM):
            return 0.0
        now, quiet = utc_now(), timedelta(seconds=self._timing.album_quiet_s)
        quiet_s = (max([*came, *coming, self._since]) + quiet - now).total_seconds()
        patience = timedelta(seconds=self._timing.album_patience_s)
        if coming and now < min(coming) + patience:  # being handled: it wakes us as soon as it is a job
            left_s = (min(coming) + patience - now).total_seconds()
            return min(max(quiet_s, self._timing.album_quiet_s), max(left_s, quiet_s))
        return quiet_s
