"""The one answer to an album, in the outbox's turn."""

import logging
from datetime import UTC, datetime

from bot.conversation.answer.album import Album, Shot, read_album
from bot.conversation.answer.album_view import album as album_view
from bot.conversation.answer.view import answer, with_remarks
from bot.conversation.guests.say import answer_guest
from bot.conversation.photo.view import failure
from bot.conversation.privacy.consent import with_notice
from bot.errors import Refused
from bot.metrics import Metrics
from bot.pipeline.stage import Mark
from bot.pipeline.waiting_notice import WaitingNotices
from bot.telegram.message import View
from bot.telegram.sender import Sender
from db.chat.albums import AlbumRecord
from db.chat.chat_records import JobRecord, OutboxRecord, UserRecord
from db.database import Database
from db.unit import Unit
from inference.queue.protocol import Failure

log = logging.getLogger(__name__)


class AlbumAnswers:
    """Photos that come after the answer are added to it."""

    def __init__(
        self, database: Database, sender: Sender, waiting_notices: WaitingNotices, metrics: Metrics, language: str
    ) -> None:
        self._database = database
        self._sender = sender
        self._waiting_notices = waiting_notices
        self._metrics = metrics
        self._language = language

    async def say(self, row: OutboxRecord, job: JobRecord, user: UserRecord | None, language: str) -> Mark:
        """Answer the album of this job. Raises: Later, DatabaseError. Returns: what to write then."""
        key = row.chat_id, row.media_group_id or ""
        async with self._database.unit(read_only=True) as unit:
            record = await unit.albums.get(*key)
            album = await read_album(unit, *key)
        waiting = [one for one in album.jobs if one.answered_at is None]
        message_id: int | str | None = None
        told, noticed = frozenset(one.id for one in waiting), None
        if album.settled and waiting:
            guest = job.guest_query_id is not None
            spoken = next((shot.answer for shot in album.answered), None)
            view, noticed = with_notice(_view(album, language), spoken, user, language, guest=guest)
            message_id = await self._send(job, record, album, view, language)
            self._count(album, told, message_id)
            self._waiting_notices.see_off(waiting)

        async def mark(unit: Unit) -> int:
            if told and album.settled:
                await _note(unit, key, album, waiting, message_id)
            if message_id is not None and noticed is not None:  # who was told with this answer what is kept of them
                await unit.consents.notified(noticed)
            return await unit.outbox.said(row.id, row.chat_id)

        return mark

    async def _send(
        self, job: JobRecord, record: AlbumRecord | None, album: Album, view: View, language: str
    ) -> int | str | None:
        answered_in = record.answer_message_id if record is not None else None
        try:
            if job.guest_query_id is not None and answered_in is None:
                return await answer_guest(self._sender, job, job.guest_query_id, view, language)
            if answered_in is not None:
                try:
                    await self._sender.edit(job.chat_id, answered_in, view)
                except Refused:  # deleted by somebody: a new one, then
                    log.info("the answer of an album in chat %s is gone", job.chat_id)
                else:
                    return answered_in
            first = album.shots[0].message_id
            return await self._sender.send(job.chat_id, view, first or None, thread_id=job.thread_id)
        except Refused as refusal:  # blocked, or the chat is gone: nobody is left to tell
            log.warning("an album cannot be answered in chat %s: %s", job.chat_id, refusal)
            return None

    def _count(self, album: Album, told: frozenset[int], message_id: int | str | None) -> None:
        """Each photo, and each video, is one answer."""
        for shot in album.shots:
            if shot.place or not any(one.id in told for one in shot.jobs):
                continue
            kind = shot.answer.kind if shot.answer is not None else f"failed: {shot.failure}"
            seconds = (datetime.now(UTC) - shot.jobs[0].created_at).total_seconds()
            self._metrics.answers.labels("refused" if message_id is None else kind).inc()
            self._metrics.answer_seconds.observe(seconds)
            facts = {"job": shot.jobs[0].id, "kind": str(kind), "seconds": round(seconds, 3)}
            log.info("photo answered", extra=facts)


async def _note(
    unit: Unit, key: tuple[int, str], album: Album, waiting: list[JobRecord], message_id: int | str | None
) -> None:
    for shot in album.shots:
        if shot.dog is not None:
            await unit.jobs.set_album_dog([one.id for one in shot.speaking], shot.dog)
    for one in waiting:
        await note_answered(unit, one, message_id)
    await unit.albums.set_answer(*key, message_id if isinstance(message_id, int) else None)
    newer = {one.id for one in await unit.jobs.of_album(*key)} - {one.id for one in album.jobs}
    if newer:
        await unit.albums.wake(*key)
    else:
        await unit.albums.close(*key)


async def note_answered(unit: Unit, job: JobRecord, message: int | str | None) -> None:
    """The answer to a photo is out, in that message; None: nobody could be told, or Telegram does not say where."""
    if isinstance(message, str):
        await unit.jobs.set_inline_message(job, message)
    await unit.jobs.set_answered(job.id, message if isinstance(message, int) else None)


def _view(album: Album, language: str) -> View:
    try:
        return sole_view(album.shots[0], language) if len(album.shots) == 1 else album_view(album, language)
    except Exception:
        log.exception("an album cannot be shown")
        return failure(Failure.INTERNAL, language)


def sole_view(shot: Shot, language: str) -> View:
    """A video, or an album of which one photo came: answered as any photo is."""
    if shot.answer is None:
        reason = Failure(shot.failure) if shot.failure in set(Failure) else Failure.INTERNAL
        return failure(reason, language)
    return with_remarks(answer(shot.answer, language), shot.answer, language, remarks=shot.remarks, hint=shot.hint)
