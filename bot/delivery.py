"""Sends the answers. Each is sent until Telegram has taken it, then marked: at least once, whatever happens between."""

import logging
from datetime import UTC, datetime

from bot.job_pages import PAGE, jobs_of
from bot.lanes import Lanes, Later
from bot.metrics import Metrics
from bot.nursery import Nursery
from bot.outgoing import Outgoing, Refused
from bot.pace import Pace
from bot.texts import pick
from bot.views.answer import answer
from bot.views.failure import failure
from bot.views.view import View
from bot.waiting_room import WaitingRoom
from db.database import Database
from db.errors import DatabaseError
from db.records import JobRecord, PredictionRecord
from inference.queue import Failure

log = logging.getLogger(__name__)


class Delivery:
    """One lane a chat: a chat in trouble waits, with its answers in order, and delays nobody else."""

    def __init__(
        self,
        database: Database,
        outgoing: Outgoing,
        waiting_room: WaitingRoom,
        saves: Nursery,
        metrics: Metrics,
        *,
        places: int,
        language: str,
        pace: Pace,
    ) -> None:
        self._database = database
        self._outgoing = outgoing
        self._waiting_room = waiting_room
        self._saves = saves
        self._metrics = metrics
        self._language = language
        self._known: set[int] = set()
        self._sent: dict[int, int | None] = {}  # job id → its answer, for as long as the database cannot take note
        self._lanes: Lanes[int] = Lanes(self._deliver, places, pace.in_trouble)

    def put(self, job: JobRecord) -> None:
        """This job has its result; its sender does not know yet."""
        if job.answered_at is None and job.id not in self._known:
            self._known.add(job.id)
            self._lanes.put(job.chat_id, job.id)

    async def load(self) -> int:
        """Take up what an earlier life of the process left unsaid. Returns: how many answers."""
        count = 0
        async for job in jobs_of(self._database, lambda unit, last: unit.jobs.unanswered(PAGE, after_id=last)):
            self.put(job)
            count += 1
        return count

    @property
    def waiting(self) -> int:
        """Answers that are not out yet."""
        return self._lanes.waiting

    async def run(self) -> None:
        """Deliver until cancelled."""
        await self._lanes.run()

    async def drain(self) -> None:
        """Wait until all is sent that can be sent now."""
        await self._lanes.drain()

    async def _deliver(self, job_id: int) -> None:
        try:
            await self._tell(job_id)
        except DatabaseError as error:
            raise Later(str(error)) from error
        except Later:
            raise
        except Exception as error:
            log.exception("job %s could not be answered", job_id)
            raise Later(type(error).__name__) from error
        self._known.discard(job_id)
        self._sent.pop(job_id, None)

    async def _tell(self, job_id: int) -> None:
        async with self._database.unit(read_only=True) as unit:
            job = await unit.jobs.get(job_id)
            if job is None or job.answered_at is not None:
                return
            prediction = await unit.predictions.by_job(job_id)
            user = await unit.users.get(job.user_id)
        language = pick(user.language if user else None, user.language_code if user else None, self._language)
        notice_id = self._waiting_room.leave(job.chat_id, job_id) or job.progress_message_id
        if job_id not in self._sent:
            self._sent[job_id] = await self._send(job, _view(job, prediction, language))
        message_id = self._sent[job_id]
        await self._saves.shielded(self._mark(job_id, message_id), f"mark of job {job_id}")
        self._count(job, prediction, message_id)
        if notice_id is not None:
            await self._outgoing.tidy(job.chat_id, notice_id)

    async def _send(self, job: JobRecord, view: View) -> int | None:
        try:
            return await self._outgoing.send(job.chat_id, view, job.message_id)
        except Refused as refusal:  # blocked, or the chat is gone: nobody is left to tell
            log.warning("job %s cannot be answered in chat %s: %s", job.id, job.chat_id, refusal)
            return None

    async def _mark(self, job_id: int, message_id: int | None) -> None:
        async with self._database.unit() as unit:
            await unit.jobs.set_answered(job_id, message_id)

    def _count(self, job: JobRecord, prediction: PredictionRecord | None, message_id: int | None) -> None:
        kind = prediction.kind if prediction is not None else f"failed: {job.failure}"
        self._metrics.answers.labels("refused" if message_id is None else kind).inc()
        self._metrics.answer_seconds.observe((datetime.now(UTC) - job.created_at).total_seconds())


def _view(job: JobRecord, prediction: PredictionRecord | None, language: str) -> View:
    if prediction is not None:
        try:
            return answer(prediction, language)
        except Exception:
            log.exception("prediction %s cannot be shown", prediction.id)
            return failure(Failure.INTERNAL, language)
    reason = Failure(job.failure) if job.failure in set(Failure) else Failure.INTERNAL
    return failure(reason, language)
