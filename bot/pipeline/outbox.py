"""Says the answers. Each is sent until Telegram has taken it, then noted: at least once, whatever happens meanwhile."""

import logging
from collections.abc import Sequence
from datetime import UTC, datetime
from operator import attrgetter

from bot.conversation.answer.album import SEVERAL, Album, Shot, dogs_of, read_album
from bot.conversation.answer.album_view import album as album_view
from bot.conversation.answer.view import answer, with_remarks
from bot.conversation.guests.say import answer_guest
from bot.conversation.guests.view import with_guest_notice
from bot.conversation.photo.view import failure
from bot.conversation.privacy.view import with_first_notice
from bot.errors import Refused
from bot.metrics import Metrics
from bot.pipeline.stage import Mark, Stage
from bot.pipeline.waiting_notice import WaitingNotices
from bot.settings import BotSettings
from bot.telegram.message import Answered, View
from bot.telegram.sender import Sender
from bot.texts import pick
from bot.timing import Timing
from core.prediction import Remark
from core.supervisor import Supervisor
from core.trace import trace_of, traced
from db.chat.chat_records import Consent, JobRecord, OutboxRecord, PredictionRecord, UserRecord
from db.database import Database
from db.unit import Unit
from inference.queue.protocol import Failure

log = logging.getLogger(__name__)


class OutboxStage:
    """In order within a chat: one in trouble waits, and delays nobody else."""

    def __init__(
        self,
        database: Database,
        sender: Sender,
        waiting_notices: WaitingNotices,
        saves: Supervisor,
        metrics: Metrics,
        settings: BotSettings,
        timing: Timing,
    ) -> None:
        self._database = database
        self._sender = sender
        self._waiting_notices = waiting_notices
        self._metrics = metrics
        self._language = settings.language
        self.stage = Stage[OutboxRecord](
            "outbox",
            attrgetter("outbox"),
            attrgetter("id"),
            self._say,
            database,
            saves,
            places=settings.sends_at_once,
            backoff=timing.in_trouble,
        )

    async def _say(self, row: OutboxRecord) -> Mark:
        async with self._database.unit(read_only=True) as unit:
            job = await unit.jobs.get(row.job_id)
            dogs = await unit.predictions.dogs(row.job_id) if row.media_group_id is None else []
            user = await unit.users.get(row.user_id)
        if job is None or (row.media_group_id is None and job.answered_at is not None):
            return _over(row)
        language = pick(user.language if user else None, user.language_code if user else None, self._language)
        with traced(trace_of(job.update_id, job.id)):
            if row.media_group_id is not None:
                return await self._say_album(row, job, user, language)
            largest = dogs[0] if dogs else None
            guest = job.guest_query_id is not None
            view, noticed = _with_notice(_view(job, dogs, language), largest, user, language, guest=guest)
            message = await self._send(job, view, language, job.message_id)
            self._count(job, largest.kind if largest is not None else f"failed: {job.failure}", message)
            self._waiting_notices.see_off([job])

        async def mark(unit: Unit) -> int:
            await _note(unit, job, message)
            if message is not None and noticed is not None:  # who was told with this answer what is kept of them
                await unit.consents.notified(noticed)
            return await unit.outbox.said(row.id, row.chat_id)

        return mark

    async def _say_album(self, row: OutboxRecord, job: JobRecord, user: UserRecord | None, language: str) -> Mark:
        """The one answer to an album: photos that come after it are added to it."""
        key = row.chat_id, row.media_group_id or ""
        async with self._database.unit(read_only=True) as unit:
            record = await unit.albums.get(*key)
            album = await read_album(unit, *key)
        waiting = [one for one in album.jobs if one.answered_at is None]
        if not waiting or not album.settled:
            return _over(row)
        spoken = next((shot.answer for shot in album.answered), None)
        guest = job.guest_query_id is not None
        view, noticed = _with_notice(_album_view(album, language), spoken, user, language, guest=guest)
        answered_in = record.answer_message_id if record is not None else None
        message = await self._send(job, view, language, album.shots[0].message_id, answered_in)
        for shot in album.shots:  # each photo, and each video, is one answer
            if not shot.place and any(one.answered_at is None for one in shot.jobs):
                kind = shot.answer.kind if shot.answer is not None else f"failed: {shot.failure}"
                self._count(shot.jobs[0], kind, message)
        self._waiting_notices.see_off(waiting)

        async def mark(unit: Unit) -> int:
            await _note_album(unit, key, album, waiting, message)
            if message is not None and noticed is not None:
                await unit.consents.notified(noticed)
            return await unit.outbox.said(row.id, row.chat_id)

        return mark

    async def _send(
        self, job: JobRecord, view: View, language: str, reply_to: int, answered_in: int | None = None
    ) -> int | str | None:
        """In place of the answer that is there. Returns: the message, if Telegram says which; None: nobody takes it."""
        try:
            if answered_in is not None:
                try:
                    await self._sender.edit(job.chat_id, answered_in, view)
                except Refused:  # deleted by somebody: a new one, then
                    log.info("the answer of an album in chat %s is gone", job.chat_id)
                else:
                    return answered_in
            elif job.guest_query_id is not None:
                return await answer_guest(self._sender, job, job.guest_query_id, view, language)
            return await self._sender.send(job.chat_id, view, reply_to or None, thread_id=job.thread_id)
        except Refused as refusal:  # blocked, or the chat is gone: nobody is left to tell
            log.warning("job %s cannot be answered in chat %s: %s", job.id, job.chat_id, refusal)
            return None

    def _count(self, job: JobRecord, kind: str, message: int | str | None) -> None:
        kind = kind if message is not None else "refused"
        seconds = (datetime.now(UTC) - job.created_at).total_seconds()
        self._metrics.answers.labels(kind).inc()
        self._metrics.answer_seconds.observe(seconds)
        log.info("photo answered", extra={"job": job.id, "kind": str(kind), "seconds": round(seconds, 3)})


def _with_notice(
    view: View, about: Answered | None, user: UserRecord | None, language: str, *, guest: bool = False
) -> tuple[View, int | None]:
    """The view of an answer, with the notice if this person was never told.

    ``about``: the answer, or one of those of an album; None: there is none, and the next one brings the notice.

    Returns: the view, and who is told by it, for `Consents.notified` once it is delivered.
    """
    # Chats that write in their own name are nobody: who would consent?
    if about is None or user is None or user.notified_at is not None or user.id <= 0:
        return view, None
    if user.consent is Consent.YES:
        return view, user.id
    noticed = with_guest_notice(view, language) if guest else with_first_notice(view, about, user.id, language)
    return noticed, user.id


def _over(row: OutboxRecord) -> Mark:
    """Nothing is to be said any more."""

    async def mark(unit: Unit) -> int:
        return await unit.outbox.said(row.id, row.chat_id)

    return mark


def _view(job: JobRecord, dogs: Sequence[PredictionRecord], language: str) -> View:
    if dogs:
        try:
            if len(dogs) >= SEVERAL:
                cut = [one for one in job.remarks or () if one == Remark.CUT]  # all else is said of each dog
                return with_remarks(album_view(dogs_of(job, dogs), language), dogs[0], language, remarks=cut)
            view = answer(dogs[0], language)
            return with_remarks(view, dogs[0], language, remarks=job.remarks, hint=job.caption_hint)
        except Exception:
            log.exception("the answer of job %s cannot be shown", job.id)
            return failure(Failure.INTERNAL, language)
    reason = Failure(job.failure) if job.failure in set(Failure) else Failure.INTERNAL
    return failure(reason, language)


async def _note(unit: Unit, job: JobRecord, message: int | str | None) -> None:
    """The answer is out; in that message, if Telegram says which. None: nobody could be told."""
    if isinstance(message, str) and message:
        await unit.jobs.set_inline_message(job, message)
    await unit.jobs.set_answered(job.id, message if isinstance(message, int) and message else None)


async def _note_album(
    unit: Unit, key: tuple[int, str], album: Album, waiting: list[JobRecord], message: int | str | None
) -> None:
    for shot in album.shots:
        if shot.dog is not None:
            await unit.jobs.set_album_dog([one.id for one in shot.speaking], shot.dog)
    for one in waiting:
        await _note(unit, one, message)
    await unit.albums.set_answer(*key, message if isinstance(message, int) and message else None)
    newer = {one.id for one in await unit.jobs.of_album(*key)} - {one.id for one in album.jobs}
    if newer:
        await unit.albums.wake(*key)
    else:
        await unit.albums.close(*key)


def _album_view(album: Album, language: str) -> View:
    try:
        return _sole_view(album.shots[0], language) if len(album.shots) == 1 else album_view(album, language)
    except Exception:
        log.exception("an album cannot be shown")
        return failure(Failure.INTERNAL, language)


def _sole_view(shot: Shot, language: str) -> View:
    """A video, or an album of which one photo came: answered as any photo is."""
    if shot.answer is None:
        reason = Failure(shot.failure) if shot.failure in set(Failure) else Failure.INTERNAL
        return failure(reason, language)
    return with_remarks(answer(shot.answer, language), shot.answer, language, remarks=shot.remarks, hint=shot.hint)
