"""Says the answers. Each is sent until Telegram has taken it, then noted: at least once, whatever happens meanwhile."""

import logging
from collections.abc import Sequence
from datetime import UTC, datetime
from operator import attrgetter

from bot.conversation.answer.album import SEVERAL, dogs_of
from bot.conversation.answer.album_view import album
from bot.conversation.answer.view import answer, with_remarks
from bot.conversation.guests.say import answer_guest
from bot.conversation.photo.view import failure
from bot.conversation.privacy.consent import with_notice
from bot.errors import Refused
from bot.metrics import Metrics
from bot.pipeline.album_answer import AlbumAnswers, note_answered
from bot.pipeline.stage import Mark, Stage
from bot.pipeline.waiting_notice import WaitingNotices
from bot.settings import BotSettings
from bot.telegram.message import View
from bot.telegram.sender import UNNAMED, Sender
from bot.texts import pick
from bot.timing import Timing
from core.supervisor import Supervisor
from core.trace import trace_of, traced
from db.chat.chat_records import JobRecord, OutboxRecord, PhotoForm, PredictionRecord
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
        self._albums = AlbumAnswers(database, sender, waiting_notices, metrics, settings.language)
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
                return await self._albums.say(row, job, user, language)
            largest = dogs[0] if dogs else None
            guest = job.guest_query_id is not None
            view, noticed = with_notice(_view(job, dogs, language), largest, user, language, guest=guest)
            message, taken = await self._send(job, largest, view, language)

        async def mark(unit: Unit) -> int:
            await note_answered(unit, job, message)
            if taken and noticed is not None:  # who was told with this answer what is kept of them
                await unit.consents.notified(noticed)
            return await unit.outbox.said(row.id, row.chat_id)

        return mark

    async def _send(
        self, job: JobRecord, prediction: PredictionRecord | None, view: View, language: str
    ) -> tuple[int | str | None, bool]:
        """Returns: the message, if Telegram says which; whether it took it. Raises Later."""
        kind = prediction.kind if prediction is not None else f"failed: {job.failure}"
        message: int | str = UNNAMED
        try:
            if job.guest_query_id is not None:
                message = await answer_guest(self._sender, job, job.guest_query_id, view, language)
            else:
                message = await self._sender.send(job.chat_id, view, job.message_id, thread_id=job.thread_id)
        except Refused as refusal:  # blocked, or the chat is gone: nobody is left to tell
            log.warning("job %s cannot be answered in chat %s: %s", job.id, job.chat_id, refusal)
            kind = "refused"
        seconds = (datetime.now(UTC) - job.created_at).total_seconds()
        self._metrics.answers.labels(kind).inc()
        self._metrics.answer_seconds.observe(seconds)
        log.info("photo answered", extra={"job": job.id, "kind": str(kind), "seconds": round(seconds, 3)})
        self._waiting_notices.see_off([job])
        return message or None, kind != "refused"


def _over(row: OutboxRecord) -> Mark:
    """Nothing is to be said any more."""

    async def mark(unit: Unit) -> int:
        return await unit.outbox.said(row.id, row.chat_id)

    return mark


def _view(job: JobRecord, dogs: Sequence[PredictionRecord], language: str) -> View:
    if dogs:
        try:
            cut = job.form is PhotoForm.CUT_FILE
            if len(dogs) >= SEVERAL:
                return with_remarks(album(dogs_of(job, dogs), language), dogs[0], language, remarks=None, cut=cut)
            view, remarks = answer(dogs[0], language), job.remarks
            return with_remarks(view, dogs[0], language, remarks=remarks, cut=cut, hint=job.caption_hint)
        except Exception:
            log.exception("the answer of job %s cannot be shown", job.id)
            return failure(Failure.INTERNAL, language)
    reason = Failure(job.failure) if job.failure in set(Failure) else Failure.INTERNAL
    return failure(reason, language)
