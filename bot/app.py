"""The bot, assembled: what runs, in which order it starts, and in which it stops."""

import asyncio
import logging
from collections.abc import Awaitable
from functools import partial
from typing import Protocol

from telegram.error import TelegramError

from bot.conversation.menu import give_menus, give_own_menu
from bot.log_counter import CountedLines
from bot.parts import Parts
from bot.pipeline.housekeeping import erase_what_is_due, tidy
from bot.pipeline.partitions.leader_only import Work, while_leading
from db.errors import DatabaseError, PhotoStoreError
from inference.queue.protocol import JobResult

SWEEP_BESIDE_S = 15.0  # beside other bots: a wake may get lost
SAVE_S = 5.0  # for final writes, after everything else has stopped

log = logging.getLogger(__name__)


class Consumer(Protocol):
    """Takes jobs from the queue and reports results: the worker of `inference/`."""

    async def run(self) -> None:
        """Work until cancelled."""

    async def drain(self, deadline_s: float) -> None:
        """Finish what was taken from the queue, take nothing more."""


class BotApp:
    """Everything between Telegram and the queue. Database, queue, worker and web server belong to who wires them."""

    def __init__(self, parts: Parts) -> None:
        self.parts = parts
        self._draining = False
        self._watch()

    async def report(self, result: JobResult) -> None:
        """For the worker: store a result and have it delivered. Raises: DatabaseError - report it again."""
        await self.parts.results.report(result)

    @property
    def updates_waiting(self) -> int:
        """Updates that are stored and not dealt with."""
        return self.parts.inbox.waiting

    @property
    def photos_waiting(self) -> int:
        """Photos that no worker has taken."""
        return self.parts.submitter.waiting

    @property
    def answers_waiting(self) -> int:
        """Answers that Telegram has not taken."""
        return self.parts.outbox.waiting

    async def run(self, stop: asyncio.Event, worker: Consumer | None = None) -> None:
        """Serve until `stop` is set, then shut down in order. ``worker``: run beside us, if it lives in this process.

        Raises:
            TokenRejected: Telegram does not know the token.
        """
        try:
            with CountedLines(lambda level: self.parts.metrics.log_lines.labels(level).inc()).installed():
                await self._live(stop, worker)
        finally:
            await self.parts.bot.shutdown()

    async def _live(self, stop: asyncio.Event, worker: Consumer | None) -> None:
        async with self.parts.saves:
            async with self.parts.loops:
                await self._serve(stop, worker)
            if not await self.parts.saves.settle(SAVE_S):
                log.error("some outcomes could not be saved in %s s; they are worked out again at the start", SAVE_S)
                self.parts.saves.cancel()
        await self.parts.ownership.end()

    async def _serve(self, stop: asyncio.Event, worker: Consumer | None) -> None:
        loops = self.parts.loops
        stopped = loops.promise(_until(stop), "stop signal")
        if worker is not None:
            loops.keep(worker.run, "worker", may_end=lambda: self._draining)
        await self.parts.share.take_up()
        submitter = loops.keep(self.parts.submitter.run, "submitter")
        connected = loops.promise(self._connect(), "connecting")
        await asyncio.wait((stopped, connected), return_when=asyncio.FIRST_COMPLETED)
        if connected.done():
            connected.result()  # or TokenRejected
            polling = await self._open()
            learns = self.parts.learning
            learning = loops.keep(learns.run, "learning") if learns is not None else None
            await stopped
            log.info("stopping: no new updates; work in hand has %s s", self.parts.settings.drain_s)
            await self._close_polling(polling)
            if learning is not None:
                learning.cancel()  # ends a retrain while work in hand is finished; nobody waits for it before the end
            await self._drain(submitter, worker)
        loops.cancel()

    async def _sweep(self) -> None:
        """Work that slipped out of our hands, by a commit that failed or that nobody heard of, is found again here."""
        parts = self.parts
        every_s = parts.timing.sweep_s if parts.wakes is None else min(parts.timing.sweep_s, SWEEP_BESIDE_S)
        while True:
            await parts.share.sweep_due(every_s)
            await parts.share.take_up()
            await parts.inbox.load(parts.ownership.partitions)

    async def _keep_house(self) -> None:
        while True:
            await asyncio.sleep(self.parts.timing.tidy_s)
            await tidy(self.parts.database, self.parts.photo_store)

    async def _erase(self) -> None:
        while True:
            try:
                await erase_what_is_due(self.parts.database, self.parts.photo_store, self.parts.settings.retention_days)
            except (DatabaseError, PhotoStoreError) as error:
                log.warning("photos that may not be kept are still there: %s", error)
            await asyncio.sleep(self.parts.timing.erase_s)

    async def _connect(self) -> None:
        tries, server = 0, self.parts.settings.telegram_api
        while True:
            try:
                await self.parts.bot.initialize()
            except TelegramError as error:
                tries += 1
                delay_s = self.parts.timing.in_trouble.delay_s(tries)
                log.warning("%s cannot be reached: %s; next try in %.1f s", server, error, delay_s)
                await asyncio.sleep(delay_s)
            else:
                return

    async def _open(self) -> asyncio.Task[None]:
        """Start the outbox, then the inbox, then polling: what comes in has somewhere to go. Returns: its task."""
        parts, keep = self.parts, self.parts.loops.keep
        keep(parts.outbox.run, "outbox")
        keep(parts.waiting_notices.run, "waiting notices")
        keep(parts.thanks.run, "thanks")
        keep(self._duty(parts.alerts.run), "alerts")
        keep(self._sweep, "sweep")
        keep(self._duty(self._keep_house), "housekeeping")
        keep(self._duty(self._erase), "erasing")
        log.info("%s updates left from before", await parts.inbox.load(self.parts.ownership.partitions))
        keep(parts.inbox.run, "inbox")
        keep(parts.share.run, "share")
        keep(lambda: self.parts.ownership.run(parts.share), "leases")
        if self.parts.wakes is not None:
            keep(partial(self.parts.wakes.run, parts.share), "wakes")
        keep(self._duty(self._introduce), "commands")
        return keep(parts.polling.run, "polling")

    async def _close_polling(self, polling: asyncio.Task[None]) -> None:
        polling.cancel()
        await asyncio.wait((polling,))

    async def _drain(self, submitter: asyncio.Task[None], worker: Consumer | None) -> None:
        """Finish what can be finished in time; whatever cannot is in the database and follows at the next start."""
        self._draining = True
        self.parts.ownership.retire()
        now = asyncio.get_running_loop().time()
        deadline, halfway = now + self.parts.settings.drain_s, now + self.parts.settings.drain_s / 2
        await _by(halfway, self.parts.inbox.drain())
        if worker is not None and self.parts.wakes is None:
            await _by(halfway, self.parts.submitter.drain())
        submitter.cancel()
        if worker is not None:
            await _by(deadline, worker.drain(self.parts.settings.drain_s / 2))
        await _by(deadline, self.parts.outbox.drain())

    def _watch(self) -> None:
        parts, check, gauge = self.parts, self.parts.health.add, self.parts.metrics.gauge
        check("database", self._database_ready)
        check("telegram", parts.polling.ready)
        check("leases", self._leases_ready)
        gauge("partitions", "Partitions of the chats that are ours", lambda: len(parts.ownership.partitions))
        gauge("leads", "1 in the one bot that retrains, alerts and keeps house", lambda: int(parts.ownership.leads))
        gauge("queue_waiting", "Photos before the worker", lambda: self.photos_waiting)
        gauge("queue_oldest_seconds", "Age of the oldest photo in the queue", parts.queue.oldest_age_s)
        gauge("inbox_waiting", "Updates in hand", lambda: self.updates_waiting)
        gauge("outbox_waiting", "Answers not sent yet", lambda: self.answers_waiting)

    async def _database_ready(self) -> str | None:
        await self.parts.database.ping()
        return None

    async def _leases_ready(self) -> str | None:
        return self.parts.ownership.trouble()

    def _duty(self, work: Work) -> Work:
        return while_leading(self.parts.ownership, work, self.parts.timing.poller_look_s)

    async def _introduce(self) -> None:
        """Register the menus of commands, once."""
        context = self.parts.context
        await give_menus(context)
        for moderator_id in sorted(context.moderators()):
            await give_own_menu(context, moderator_id, context.language)
        await asyncio.Event().wait()


async def _by(deadline: float, work: Awaitable[None]) -> None:
    """Give a step of the shutdown until `deadline`, in the event loop's time."""
    try:
        async with asyncio.timeout_at(deadline):
            await work
    except TimeoutError:
        log.warning("not all was done before the deadline; the rest follows at the next start")


async def _until(stop: asyncio.Event) -> None:
    await stop.wait()
