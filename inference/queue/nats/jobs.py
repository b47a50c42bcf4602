"""The waiting line between processes, and how long it is: NATS JetStream keeps it, bots submit and workers take.

The database stays the outbox: a bot submits what is queued there at its start and again with every sweep. So a job is
in the line once for three reasons, each for a while: we remember what we submitted; the server refuses a second message
for the same job while the first is there; and a job whose result waits for a bot is not submitted again.
"""

import asyncio
import logging
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Final, Self

import nats.errors
from nats.js.errors import APIError, NoStreamResponseError, NotFoundError
from rich.table import Table

from inference.queue.nats.codec import encode_job
from inference.queue.nats.connection import ANSWER_S, NatsLink, end
from inference.queue.nats.streams import BOTS, WORKERS
from inference.queue.nats.work_in_hand import FULL, NatsCrashGuard, NatsWorkInHand
from inference.queue.protocol import Job, JobResult, QueueAway, QueueFull

REMEMBER_S: Final = 180.0  # longer than JetStream knows a message id, or a lost job could not be submitted again
LIMIT_REMEMBERED: Final = 200_000
LOOK_S: Final = 0.5
AGAIN_S: Final = 0.5

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Look:
    """How long the line is and what waits in it, seen all at once.

    Attributes:
        waiting: jobs that no worker has been given.
        in_hand: jobs that workers have.
        handed_out: the last place in the stream that a worker was given.
        settled_to: up to this place all are settled.
        results: results that no bot has stored.
        dead: dead letters.
        answered: jobs whose results wait for a bot.
    """

    waiting: int = 0
    in_hand: int = 0
    handed_out: int = 0
    settled_to: int = 0
    results: int = 0
    dead: int = 0
    answered: frozenset[int] = frozenset()

    def to_json(self) -> dict[str, Any]:
        """`breedbot queue status --json`."""
        return {"waiting": self.waiting, "in_hand": self.in_hand, "results": self.results, "dead": self.dead}


@dataclass(slots=True)
class _Submitted:
    """A job of ours. `sequence`: its place in the stream; 0 = unknown."""

    job: Job
    sequence: int
    at_s: float


class NatsQueue:
    """A `JobQueue` for any number of processes: ``async with NatsLink(…) as link, NatsQueue(link) as queue:``."""

    def __init__(
        self, link: NatsLink, *, clock: Callable[[], float] = time.time, remember_s: float = REMEMBER_S
    ) -> None:
        """`clock`: Unix seconds. `remember_s`: a job that was submitted is not submitted again for so long."""
        self._link = link
        self._clock = clock
        self._remember_s = remember_s
        self._group = asyncio.TaskGroup()
        self._hands = NatsWorkInHand(link, self._group)
        self._submitted: OrderedDict[int, _Submitted] = OrderedDict()
        self._look = Look()
        self._since_look = 0
        self._looked = asyncio.Event()
        self._asked = asyncio.Event()  # whether anybody wants to know how long the line is: workers do not
        self._loops: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        """Begin to look at the line, as soon as somebody asks about it."""
        await self._group.__aenter__()
        self._loops = [
            self._group.create_task(self._hands.keep_alive(), name="nats: in hand"),
            self._group.create_task(self._keep_looking(), name="nats: length of the line"),
        ]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Give back what came and was not taken."""
        await self._hands.close()
        await end(*self._loops)
        await self._group.__aexit__(None, None, None)

    async def submit(self, job: Job) -> None:
        """See `JobQueue.submit`. Waits, for as long as it takes, for servers that are away."""
        self._asked.set()
        while True:
            await self._link.ready_for_ever()
            await self._looked.wait()
            if self._known(job.id):
                return
            try:
                self._remember(job, await self._publish(job))
            except QueueAway as error:
                log.warning("job %d is not in the line yet: %s", job.id, error)
                await asyncio.sleep(AGAIN_S)
            else:
                return

    async def take(self, limit: int, max_wait_s: float) -> list[Job]:
        """See `JobQueue.take`; of those that are handed out again, jobs come first."""
        if limit < 1:
            raise ValueError(f"limit must be at least 1, not {limit}")
        return await self._hands.take(limit, max_wait_s)

    async def done(self, job: Job) -> None:
        """See `JobQueue.done`. A job whose result `report` could not hand over is not done, and comes again later."""
        await self._hands.done(job)

    async def put_back(self, jobs: Sequence[Job]) -> None:
        """See `JobQueue.put_back`."""
        await self._hands.put_back(jobs)

    async def report(self, result: JobResult) -> None:
        """For a worker: hand a result to the bots. Raises QueueAway: report it again."""
        await self._hands.report(result)

    @property
    def crash_guard(self) -> NatsCrashGuard:
        """For a worker: which photos processes die of."""
        return NatsCrashGuard(self._hands)

    def settled(self, job_id: int) -> None:
        """For a bot: the result is in the database."""
        self._submitted.pop(job_id, None)

    def waiting(self) -> int:
        """See `JobQueue.waiting`: of all bots, half a second ago, and what we have added since."""
        self._asked.set()
        return self._look.waiting + self._since_look

    def position(self, job_id: int) -> int | None:
        """See `JobQueue.position`; of our own jobs only."""
        ours = self._submitted.get(job_id)
        if ours is None or ours.sequence <= self._look.handed_out:
            return None
        return ours.sequence - self._look.handed_out

    def oldest_age_s(self) -> float:
        """See `JobQueue.oldest_age_s`; of our own jobs only."""
        self._asked.set()
        waiting = [ours.job.submitted_at for ours in self._submitted.values() if ours.sequence > self._look.handed_out]
        return max(0.0, self._clock() - min(waiting)) if waiting else 0.0

    def _known(self, job_id: int) -> bool:
        ours = self._submitted.get(job_id)
        if ours is not None and time.monotonic() - ours.at_s < self._remember_s:
            return True
        return job_id in self._look.answered

    def _remember(self, job: Job, sequence: int) -> None:
        if sequence > self._look.handed_out:
            self._since_look += 1
        self._submitted[job.id] = _Submitted(job, sequence, time.monotonic())
        self._submitted.move_to_end(job.id)
        while len(self._submitted) > LIMIT_REMEMBERED:
            self._submitted.popitem(last=False)

    async def _publish(self, job: Job) -> int:
        """Returns: its place in the stream. Raises QueueFull, QueueAway."""
        subject = self._link.names.job(job.id)
        try:
            taken = await self._link.js.publish(
                subject, encode_job(job), timeout=ANSWER_S, headers={"Nats-Msg-Id": f"job-{job.id}"}
            )
        except APIError as error:
            if error.err_code != FULL:
                raise QueueAway(f"NATS: {error.description}") from error
            if "per subject" not in (error.description or ""):
                raise QueueFull(f"the line is full; job {job.id} has to come back later") from error
            return await self._present(subject)
        except nats.errors.Error as error:
            if isinstance(error, NoStreamResponseError):
                self._link.look_again()
            raise QueueAway(f"NATS: {error}") from error
        return int(taken.seq)

    async def _present(self, subject: str) -> int:
        """The place of a job that is in the line already, submitted by somebody else or in an earlier life."""
        try:
            found = await self._link.js.get_last_msg(self._link.names.jobs, subject, direct=True)
        except nats.errors.Error:
            return 0
        return int(found.seq or 0)

    async def _keep_looking(self) -> None:
        await self._asked.wait()
        while True:
            await self._link.ready_for_ever()
            before = self._since_look
            try:
                self._look = await look(self._link)
            except QueueAway as error:
                log.info("the line cannot be looked at: %s", error)
            else:
                self._since_look -= before
                self._looked.set()
                self._forget()
            await asyncio.sleep(LOOK_S)

    def _forget(self) -> None:
        """Jobs that have left the line, and about which nobody will ask us again."""
        old = time.monotonic() - self._remember_s
        settled_to = self._look.settled_to
        gone = [key for key, ours in self._submitted.items() if ours.sequence <= settled_to and ours.at_s < old]
        for job_id in gone:
            del self._submitted[job_id]


async def look(link: NatsLink) -> Look:
    """Look at the line. Raises QueueAway."""
    try:
        workers = await link.js.consumer_info(link.names.jobs, WORKERS)
        results = await link.js.stream_info(link.names.results, subjects_filter=link.names.result("*"))
    except nats.errors.Error as error:
        if isinstance(error, NotFoundError):
            link.look_again()
        raise QueueAway(f"NATS: {error}") from error
    names = [subject.rpartition(".")[2] for subject in results.state.subjects or {}]
    return Look(
        waiting=workers.num_pending or 0,
        in_hand=workers.num_ack_pending or 0,
        handed_out=workers.delivered.stream_seq if workers.delivered is not None else 0,
        settled_to=workers.ack_floor.stream_seq if workers.ack_floor is not None else 0,
        results=results.state.messages,
        answered=frozenset(int(last) for last in names if last.isdecimal()),
    )


async def whole_look(link: NatsLink) -> Look:
    """The same with the dead letters, for people. Raises QueueAway."""
    seen = await look(link)
    try:
        bots = await link.js.consumer_info(link.names.results, BOTS)
        dead = await link.js.stream_info(link.names.dead)
    except nats.errors.Error as error:
        raise QueueAway(f"NATS: {error}") from error
    results = (bots.num_pending or 0) + (bots.num_ack_pending or 0)
    return Look(seen.waiting, seen.in_hand, seen.handed_out, seen.settled_to, results, dead.state.messages)


def look_table(seen: Look) -> Table:
    """`breedbot queue status`."""
    table = Table("waiting", "in hand", "results not stored", "given up", box=None)
    table.add_row(*(str(count) for count in (seen.waiting, seen.in_hand, seen.results, seen.dead)))
    return table
