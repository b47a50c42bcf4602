"""Results from the workers, for a bot: fetched, stored by the bot, and only then forgotten by JetStream."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Final

import nats.errors
from nats.aio.msg import Msg

from inference.queue.nats.codec import decode_result
from inference.queue.nats.connection import NatsLink
from inference.queue.nats.jobs import NatsQueue
from inference.queue.nats.pull import NatsPull
from inference.queue.nats.streams import BOTS
from inference.queue.protocol import BadMessage, JobResult, QueueAway

AT_ONCE: Final = 32
TRY_AGAIN_S: Final = 1.0
LATER_S: Final = (0.5, 1.0, 2.0, 5.0)  # before a result that could not be stored is handed out again, then every 5 s

log = logging.getLogger(__name__)


class NatsResults:
    """A `bot.app.Consumer`. All bots share what comes; each result goes to one of them.

    `report` has to stand the same result twice, and jobs that it does not know: it may come again after a crash.
    """

    def __init__(
        self,
        link: NatsLink,
        queue: NatsQueue,
        report: Callable[[JobResult], Awaitable[None]],
        at_once: int = AT_ONCE,
    ) -> None:
        """`report` returns once the result is in the database; `at_once`: results that are being stored."""
        self._link = link
        self._queue = queue
        self._report = report
        self._at_once = at_once
        self._open: set[asyncio.Task[None]] = set()
        self._room = asyncio.Event()
        self._stopping = False
        self._fetching: asyncio.Task[None] | None = None
        self._stopped = asyncio.Event()
        self._stopped.set()

    async def run(self) -> None:
        """Fetch and report until cancelled, or until `drain` is through."""
        self._stopped.clear()
        try:
            async with asyncio.TaskGroup() as group:
                self._fetching = group.create_task(self._fetch(group))
                if self._stopping:
                    self._fetching.cancel()
        finally:
            self._fetching = None
            self._stopped.set()

    async def drain(self, deadline_s: float) -> None:
        """Fetch nothing more, and return when what was fetched is stored, or after `deadline_s` left to others."""
        self._stopping = True
        if self._fetching is not None:
            self._fetching.cancel()
        try:
            async with asyncio.timeout(deadline_s):
                await self._stopped.wait()
        except TimeoutError:
            log.warning("%d results are not stored after %g s and go to other bots", len(self._open), deadline_s)
            for task in tuple(self._open):
                task.cancel()
            await self._stopped.wait()

    async def _fetch(self, group: asyncio.TaskGroup) -> None:
        while True:
            await self._link.ready_for_ever()
            pull = NatsPull(self._link, self._link.names.results, BOTS)
            try:
                while True:
                    for message in await pull.fetch(await self._free()):
                        task = group.create_task(self._take(message))
                        self._open.add(task)
                        task.add_done_callback(self._ended)
            except (nats.errors.Error, QueueAway) as error:
                log.warning("no results from NATS: %s", error)
            finally:
                await pull.close()
            await asyncio.sleep(TRY_AGAIN_S)

    async def _free(self) -> int:
        while len(self._open) >= self._at_once:
            self._room.clear()
            await self._room.wait()
        return self._at_once - len(self._open)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._open.discard(task)
        self._room.set()

    async def _take(self, message: Msg) -> None:
        try:
            await self._store(message)
        except nats.errors.Error as error:  # it comes again, and storing it twice is harmless
            log.warning("NATS did not hear that %s is stored: %s", message.subject, error)

    async def _store(self, message: Msg) -> None:
        try:
            result = decode_result(message.data)
        except BadMessage as error:
            await self._unreadable(message, error)
            return
        try:
            await self._report(result)
        except asyncio.CancelledError:
            await message.nak()
            raise
        except Exception:
            times = message.metadata.num_delivered
            log.exception("the result of job %d is not stored; next try follows", result.job.id)
            await message.nak(LATER_S[min(times, len(LATER_S)) - 1])
            return
        self._queue.settled(result.job.id)
        await message.ack()

    async def _unreadable(self, message: Msg, error: BadMessage) -> None:
        """Perhaps a bot of the worker's own release is there, too; if nobody can read it, the job is computed again."""
        log.error("%s is not readable: %s", message.subject, error)
        if message.metadata.num_delivered < self._link.url.tries:
            await message.nak(LATER_S[-1])
        else:
            await message.term()
