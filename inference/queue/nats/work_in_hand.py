"""The jobs that a worker has taken and not settled: kept alive at the server, and settled there when all is safe."""

import asyncio
import logging
import os
import platform
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Final

import nats.errors
from nats.aio.msg import Msg
from nats.js.errors import APIError

from inference.queue.nats.codec import decode_job, encode_result
from inference.queue.nats.connection import ANSWER_S, NatsLink
from inference.queue.nats.dead_letters import DeadLetter, bury
from inference.queue.nats.pull import NatsPull
from inference.queue.nats.streams import ACK_WAIT_S, WORKERS
from inference.queue.protocol import LIVES, BadMessage, Job, JobResult, QueueAway

ACK_TRIES: Final = 4
SOON_S: Final = 1.0
LATER_S: Final = 5.0  # before a job whose result nobody took is handed out again
FULL: Final = 10077  # err_code: a limit of the stream; which one, only its description says

log = logging.getLogger(__name__)


class NatsWorkInHand:
    """One worker's side of the line."""

    def __init__(self, link: NatsLink, group: asyncio.TaskGroup) -> None:
        """`group` owns what has to be finished when nobody waits for it any more."""
        self._link = link
        self._group = group
        self._pull: NatsPull | None = None
        self._held: dict[int, Msg] = {}
        self._counted: dict[int, int] = {}  # how often each was handed out before, to whoever
        self._unreported: set[int] = set()

    async def take(self, limit: int, max_wait_s: float) -> list[Job]:
        """See `JobQueue.take`. After we stood still for longer than `ack_wait` a job comes twice; it counts once."""
        while True:
            await self._link.ready_for_ever()
            try:
                messages = await self._fetch(limit, max_wait_s)
            except (nats.errors.Error, QueueAway) as error:
                log.warning("no jobs from NATS: %s", error)
                self._drop_pull()
                await asyncio.sleep(1.0)
                continue
            jobs = {job.id: job for message in messages if (job := await self._taken(message)) is not None}
            if jobs:
                return list(jobs.values())

    async def done(self, job: Job) -> None:
        """See `JobQueue.done`. A job whose result was refused is not done: it is handed out again later."""
        message, times = self._held.pop(job.id, None), self._counted.pop(job.id, 0)
        if message is None:
            return
        if job.id in self._unreported:
            self._unreported.discard(job.id)
            await message.nak(LATER_S)
            return
        if times > self._link.url.tries:
            await bury(self._link, DeadLetter(job, "the process that looked at it died of it", times, _here()))
        await self._settle(message)

    async def put_back(self, jobs: Sequence[Job]) -> None:
        """See `JobQueue.put_back`: they are handed out again at once, ahead of those that were not yet."""
        await self.close()  # nothing more may come to us, or we would get them again
        messages = [message for job in jobs if (message := self._held.pop(job.id, None))]
        for job in jobs:
            self._counted.pop(job.id, None)
        with suppress(nats.errors.Error, OSError):  # then they are handed out again when our time is over
            for message in messages[:-1]:
                await message.nak()
            if messages:  # answered when the server has dealt with it, and with those before
                await self._link.client.request(messages[-1].reply, Msg.Ack.Nak, timeout=SOON_S)

    async def report(self, result: JobResult) -> None:
        """Give a result to the bots; returns once JetStream keeps it. Raises QueueAway: try again."""
        job_id = result.job.id
        message = self._held.get(job_id)
        self._unreported.add(job_id)
        # A job that is submitted anew, after a replay for example, has a result anew.
        turn = message.metadata.sequence.stream if message is not None else 0
        try:
            await self._link.js.publish(
                self._link.names.result(job_id),
                encode_result(result),
                timeout=ANSWER_S,
                headers={"Nats-Msg-Id": f"result-{job_id}-{turn}"},
            )
        except APIError as error:
            if not (error.err_code == FULL and "per subject" in (error.description or "")):
                raise QueueAway(f"NATS: the result of job {job_id} was not taken: {error.description}") from error
            # It has a result already, from another worker or an earlier try, and the bots have not fetched it yet.
        except nats.errors.Error as error:
            self._link.look_again()
            raise QueueAway(f"NATS: the result of job {job_id} was not taken: {error}") from error
        self._unreported.discard(job_id)

    def times(self, jobs: Sequence[Job]) -> Mapping[int, int]:
        """How often each was handed out, in the terms of `CrashGuard.begin`: more than LIVES = it is given up."""
        counted = {job.id: self._counted[job.id] for job in jobs if job.id in self._counted}
        tries = self._link.url.tries
        return {job_id: LIVES + 1 if count > tries else min(count, LIVES) for job_id, count in counted.items()}

    async def keep_alive(self) -> None:
        """Tell the server again and again that we still have what we have, until cancelled."""
        pause_s = (self._link.url.ack_wait_s or ACK_WAIT_S) / 3
        while True:
            await asyncio.sleep(pause_s)
            waiting = self._pull.held() if self._pull is not None else ()
            try:
                for message in (*self._held.values(), *waiting):
                    await message.in_progress()
            except nats.errors.Error as error:
                log.warning("NATS could not be told what is in hand: %s", error)

    async def close(self) -> None:
        """Take nothing more; what came and was not taken goes back. What was taken stays in hand."""
        pull, self._pull = self._pull, None
        if pull is not None:
            await pull.close()

    async def _fetch(self, limit: int, max_wait_s: float) -> list[Msg]:
        if self._pull is None:
            self._pull = NatsPull(self._link, self._link.names.jobs, WORKERS)
        try:
            return await self._pull.fetch(limit, max_wait_s)
        except asyncio.CancelledError:
            self._drop_pull()  # nobody may ask again: what comes now belongs to others
            raise

    def _drop_pull(self) -> None:
        pull, self._pull = self._pull, None
        if pull is not None:
            self._group.create_task(pull.close())

    async def _taken(self, message: Msg) -> Job | None:
        try:
            job = decode_job(message.data)
        except BadMessage as error:
            log.error("a job is not readable: %s", error)  # noqa: TRY400 - the bytes are foreign
            await bury(self._link, DeadLetter(None, str(error), _times(message), _here(), message.subject))
            await self._settle(message)
            return None
        self._held[job.id] = message
        self._counted.setdefault(job.id, _times(message))  # what comes again while we have it has killed nobody
        return job

    async def _settle(self, message: Msg) -> None:
        """Have the job forgotten. Where that fails it is handed out again, and costs a second look."""
        for number in range(1, ACK_TRIES + 1):
            try:
                await message.ack_sync(timeout=ANSWER_S)
            except nats.errors.TimeoutError:
                continue
            except nats.errors.Error as error:  # nobody leads the consumer just now
                log.info("%s: %s", message.subject, error)
                await asyncio.sleep(number * SOON_S)
            else:
                return
        log.warning("NATS did not take note that %s is done; it is handed out again", message.subject)


class NatsCrashGuard:
    """The `CrashGuard` of a worker whose jobs come from NATS. The server counts, so nothing has to be noted.

    Unlike in the database, a job that was laid down unharmed is counted, too; so more tries are allowed.
    """

    def __init__(self, hands: NatsWorkInHand) -> None:
        self._hands = hands

    async def begin(self, jobs: Sequence[Job]) -> Mapping[int, int]:
        """See `CrashGuard.begin`."""
        return self._hands.times(jobs)

    async def put_back(self, jobs: Sequence[Job]) -> None:
        """See `CrashGuard.put_back`."""


def _times(message: Msg) -> int:
    return message.metadata.num_delivered


def _here() -> str:
    return f"{platform.node()}/{os.getpid()}"
