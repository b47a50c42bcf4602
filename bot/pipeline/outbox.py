"""Sends the answers. Each is sent until Telegram has taken it, then marked: at least once, whatever happens between."""

import logging
from collections.abc import Collection
from datetime import UTC, datetime

from bot.conversation.answer.view import answer, with_hint
from bot.conversation.photo.failure import failure
from bot.conversation.privacy.consent import notice_is_due, with_notice
from bot.metrics import Metrics
from bot.pipeline.album_answer import AlbumAnswers
from bot.pipeline.album_timer import Albums
from bot.pipeline.job_pages import PAGE, jobs_of
from bot.pipeline.keyed_queue import KeyedQueue, Later
from bot.pipeline.partitions.ownership import Alone, Ownership
from bot.pipeline.partitions.permission import LeaseRanOut, under
from bot.pipeline.waiting_notice import WaitingNotices
from bot.settings import BotSettings
from bot.telegram.message import View
from bot.telegram.sender import Refused, Sender
from bot.texts import pick
from bot.timing import Timing
from core.supervisor import Supervisor
from core.trace import trace_of, traced
from db.chat.chat_records import JobRecord, PredictionRecord
from db.database import Database
from db.errors import DatabaseError
from db.partitions import ALL, Partitions, partition_of
from inference.queue.protocol import Failure

log = logging.getLogger(__name__)


class Outbox:
    """One lane a chat: a chat in trouble waits, with its answers in order, and delays nobody else."""

    def __init__(
        self,
        database: Database,
        sender: Sender,
        waiting_notices: WaitingNotices,
        saves: Supervisor,
        metrics: Metrics,
        settings: BotSettings,
        timing: Timing,
        ownership: Ownership | None = None,
    ) -> None:
        self._ownership = ownership or Alone()
        self._database = database
        self._sender = sender
        self._waiting_notices = waiting_notices
        self._saves = saves
        self._metrics = metrics
        self._language = settings.language
        self._known: dict[int, tuple[int, str]] = {}  # job id → its chat and its trace
        self._sent: dict[int, int | None] = {}  # job id → its answer, for as long as the database cannot take note
        self._queue: KeyedQueue[int] = KeyedQueue(self._deliver, settings.sends_at_once, timing.in_trouble)
        self.albums = Albums(self._enqueue, timing)
        self._album = AlbumAnswers(database, sender, waiting_notices, saves, metrics, settings.language)

    def put(self, job: JobRecord) -> None:
        """This job has its result; its sender does not know yet. Photos of an album wait for each other."""
        if job.answered_at is None:
            if job.media_group_id is None:
                self._enqueue(job)
            else:
                self.albums.settled(job)

    def _enqueue(self, job: JobRecord) -> None:
        if job.id not in self._known:
            self._known[job.id] = job.chat_id, trace_of(job.update_id, job.id)
            self._queue.put(job.chat_id, job.id)

    async def load(self, partitions: Partitions = ALL) -> int:
        """Take up what an earlier life of the process left unsaid. Returns: how many answers."""
        count = 0
        async for job in jobs_of(
            self._database, lambda unit, last: unit.jobs.unanswered(PAGE, after_id=last, partitions=partitions)
        ):
            self.put(job)
            count += 1
        return count

    async def fetch(self, job_ids: Collection[int]) -> None:
        """Deliver these: another bot has stored their results. Raises: DatabaseError."""
        async with self._database.unit(read_only=True) as unit:
            jobs = await unit.jobs.unanswered_among(job_ids)
        for job in jobs:
            if self._ownership.owns(job.chat_id):
                self.put(job)

    def lose(self, partitions: Partitions) -> None:
        """Forget what is not sent there: another bot has it, or will. What is sent we mark."""
        kept = []
        for job_id in self._queue.drop(lambda chat_id: partition_of(chat_id) in partitions):
            if job_id in self._sent:
                kept.append(job_id)
            else:
                self._known.pop(job_id, None)
        for job_id in kept:
            self._queue.put(self._known[job_id][0], job_id)
        self.albums.lose(partitions)

    def busy(self, partition: int) -> bool:
        """Whether an answer in that partition is being sent, or is sent and not marked."""
        unmarked = (self._known[job_id][0] for job_id in self._sent if job_id in self._known)
        return self._queue.busy(lambda chat_id: partition_of(chat_id) == partition) or any(
            partition_of(chat_id) == partition for chat_id in unmarked
        )

    @property
    def waiting(self) -> int:
        """Answers that are not out yet."""
        return self._queue.waiting + self.albums.waiting

    async def run(self) -> None:
        """Deliver until cancelled."""
        try:
            await self._queue.run()
        finally:
            self.albums.close()

    async def drain(self) -> None:
        """Wait until all is sent that can be sent now."""
        await self._queue.drain()

    async def _deliver(self, job_id: int) -> None:
        chat_id, trace = self._known[job_id]
        with traced(trace), under(lambda: self._ownership.may(chat_id)):
            try:
                if job_id in self._sent or self._ownership.owns(chat_id):
                    await self._attempt(job_id, chat_id)
            except Later:
                if job_id in self._sent or self._ownership.owns(chat_id):
                    raise
        self._known.pop(job_id, None)
        self._sent.pop(job_id, None)

    async def _attempt(self, job_id: int, chat_id: int) -> None:
        if job_id not in self._sent and not self._ownership.may(chat_id):
            raise LeaseRanOut
        try:
            await self._tell(job_id)
        except DatabaseError as error:
            raise Later(str(error)) from error
        except Later:
            raise
        except Exception as error:
            log.exception("job %s could not be answered", job_id)
            raise Later(type(error).__name__) from error

    async def _tell(self, job_id: int) -> None:
        async with self._database.unit(read_only=True) as unit:
            job = await unit.jobs.get(job_id)
            if job is None or (job.answered_at is not None and job.media_group_id is None):
                return
            prediction = await unit.predictions.by_job(job_id)
            user = await unit.users.get(job.user_id)
        if job.media_group_id is not None:
            await self._album.tell(job)
            return
        language = pick(user.language if user else None, user.language_code if user else None, self._language)
        notice_id = self._waiting_notices.leave(job.chat_id, job_id) or job.progress_message_id
        if job_id not in self._sent:
            view = with_notice(_view(job, prediction, language), prediction, user, language)
            self._sent[job_id] = await self._send(job, view)
        message_id = self._sent[job_id]
        told = job.user_id if prediction is not None and message_id is not None and notice_is_due(user) else None
        await self._saves.shielded(self._mark(job_id, message_id, told), f"mark of job {job_id}")
        self._count(job, prediction, message_id)
        if notice_id is not None:
            await self._sender.tidy(job.chat_id, notice_id)

    async def _send(self, job: JobRecord, view: View) -> int | None:
        try:
            return await self._sender.send(job.chat_id, view, job.message_id)
        except Refused as refusal:  # blocked, or the chat is gone: nobody is left to tell
            log.warning("job %s cannot be answered in chat %s: %s", job.id, job.chat_id, refusal)
            return None

    async def _mark(self, job_id: int, message_id: int | None, told: int | None) -> None:
        """`told`: who was told with this answer what is kept of them."""
        async with self._database.unit() as unit:
            await unit.jobs.set_answered(job_id, message_id)
            if told is not None:
                await unit.consents.notified(told)

    def _count(self, job: JobRecord, prediction: PredictionRecord | None, message_id: int | None) -> None:
        kind = prediction.kind if prediction is not None else f"failed: {job.failure}"
        kind = "refused" if message_id is None else kind
        seconds = (datetime.now(UTC) - job.created_at).total_seconds()
        self._metrics.answers.labels(kind).inc()
        self._metrics.answer_seconds.observe(seconds)
        log.info("photo answered", extra={"job": job.id, "kind": str(kind), "seconds": round(seconds, 3)})


def _view(job: JobRecord, prediction: PredictionRecord | None, language: str) -> View:
    if prediction is not None:
        try:
            return with_hint(answer(prediction, language), prediction, job.caption_hint, language)
        except Exception:
            log.exception("prediction %s cannot be shown", prediction.id)
            return failure(Failure.INTERNAL, language)
    reason = Failure(job.failure) if job.failure in set(Failure) else Failure.INTERNAL
    return failure(reason, language)
