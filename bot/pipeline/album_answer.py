"""The one answer to an album; `Delivery` calls it in the chat's lane, and again until it goes through."""

import logging
from datetime import UTC, datetime

from bot.conversation.answer.album import Album, Shot
from bot.conversation.answer.album_view import album as album_view
from bot.conversation.answer.read_album import read_album
from bot.conversation.answer.view import answer, with_hint
from bot.conversation.photo.failure import failure
from bot.conversation.privacy.consent import notice_is_due, with_notice
from bot.metrics import Metrics
from bot.pipeline.waiting_notice import WaitingNotices
from bot.telegram.message import View
from bot.telegram.sender import Refused, Sender
from bot.texts import pick
from core.supervisor import Supervisor
from db.chat.albums import AlbumRecord
from db.chat.chat_records import JobRecord, PredictionRecord
from db.database import Database
from inference.queue.protocol import Failure

log = logging.getLogger(__name__)


class AlbumAnswers:
    """Photos that come after the answer are added to it."""

    def __init__(
        self,
        database: Database,
        sender: Sender,
        waiting_notices: WaitingNotices,
        saves: Supervisor,
        metrics: Metrics,
        language: str,
    ) -> None:
        self._database = database
        self._sender = sender
        self._waiting_notices = waiting_notices
        self._saves = saves
        self._metrics = metrics
        self._language = language
        self._sent: dict[tuple[int, str], tuple[frozenset[int], int | None]] = {}  # until the database takes note

    async def tell(self, job: JobRecord) -> None:
        """Answer the album of this job, if all its photos have their results. Raises: Later, DatabaseError."""
        assert job.media_group_id is not None  # noqa: S101 - the caller looked
        key = job.chat_id, job.media_group_id
        async with self._database.unit(read_only=True) as unit:
            record = await unit.albums.get(*key)
            album = await read_album(unit, *key)
            user = await unit.users.get(job.user_id)
        waiting = [one for shot in album.shots for one in shot.jobs if one.answered_at is None]
        if not album.settled or not waiting:
            return  # the result that is missing brings us back
        told = frozenset(one.id for one in waiting)
        language = pick(user.language if user else None, user.language_code if user else None, self._language)
        if self._sent.get(key, (None, None))[0] != told:
            view = with_notice(_view(album, language), _spoken(album), user, language)
            self._sent[key] = told, await self._send(job, record, album, view)
        message_id = self._sent[key][1]
        noticed = job.user_id if _spoken(album) and message_id is not None and notice_is_due(user) else None
        await self._saves.shielded(self._mark(key, album, waiting, message_id, noticed), f"mark of album {key[1]}")
        del self._sent[key]
        self._count(album, told, message_id)
        await self._see_off(waiting)

    async def _send(self, job: JobRecord, record: AlbumRecord | None, album: Album, view: View) -> int | None:
        answered_in = record.answer_message_id if record is not None else None
        try:
            if answered_in is not None:
                try:
                    await self._sender.edit(job.chat_id, answered_in, view)
                except Refused:  # deleted by somebody: a new one, then
                    log.info("the answer of an album in chat %s is gone", job.chat_id)
                else:
                    return answered_in
            return await self._sender.send(job.chat_id, view, album.shots[0].message_id)
        except Refused as refusal:  # blocked, or the chat is gone: nobody is left to tell
            log.warning("an album cannot be answered in chat %s: %s", job.chat_id, refusal)
            return None

    async def _mark(
        self, key: tuple[int, str], album: Album, waiting: list[JobRecord], message_id: int | None, noticed: int | None
    ) -> None:
        """`noticed`: who was told with this answer what is kept of them."""
        async with self._database.unit() as unit:
            for shot in album.shots:
                if shot.dog is not None:
                    await unit.jobs.set_dog([one.id for one in shot.speaking], shot.dog)
            for one in waiting:
                await unit.jobs.set_answered(one.id, message_id)
            await unit.albums.set_answer(*key, message_id)
            await unit.albums.close(*key)
            if noticed is not None:
                await unit.consents.notified(noticed)

    async def _see_off(self, waiting: list[JobRecord]) -> None:
        notices = {self._waiting_notices.leave(one.chat_id, one.id) or one.progress_message_id for one in waiting}
        for notice_id in notices - {None}:
            await self._sender.tidy(waiting[0].chat_id, notice_id or 0)

    def _count(self, album: Album, told: frozenset[int], message_id: int | None) -> None:
        """Each photo, and each video, is one answer."""
        for shot in album.shots:
            if not any(one.id in told for one in shot.jobs):
                continue
            kind = shot.answer.kind if shot.answer is not None else f"failed: {shot.failure}"
            seconds = (datetime.now(UTC) - shot.jobs[0].created_at).total_seconds()
            self._metrics.answers.labels("refused" if message_id is None else kind).inc()
            self._metrics.answer_seconds.observe(seconds)
            facts = {"job": shot.jobs[0].id, "kind": str(kind), "seconds": round(seconds, 3)}
            log.info("photo answered", extra=facts)


def _spoken(album: Album) -> PredictionRecord | None:
    """One of its answers, for what is said of all."""
    return next((shot.answer for shot in album.answered), None)


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
    return with_hint(answer(shot.answer, language), shot.answer, shot.hint, language)
