"""The bot, assembled: what runs, in which order it starts, and in which it stops."""

import asyncio
import logging
from collections.abc import Awaitable
from contextlib import suppress
from functools import partial
from typing import Protocol

from telegram.error import TelegramError

from bot.conversation.introduction import introduce
from bot.conversation.menu import give_menus, give_own_menu
from bot.metrics import CountedLines
from bot.parts import Parts
from bot.pipeline.housekeeping import erase_what_is_due, tidy
from bot.telegram.webhook import Webhook
from core.clock import utc_now
from core.supervisor import Supervisor
from db.errors import DatabaseError, PhotoStoreError
from db.unit import Unit

COUNT_S = 2.0
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
        self._connected = self._draining = False
        self._waiting = (0, 0)  # updates and answers, when they were counted last
        self._watch()

    @property
    def photos_waiting(self) -> int:
        """Photos that no worker has taken."""
        return self.parts.submitter.waiting

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

    async def _serve(self, stop: asyncio.Event, worker: Consumer | None) -> None:
        loops = self.parts.loops
        stopped = loops.promise(_until(stop), "stop signal")
        if worker is not None and self.parts.looks is None:
            loops.keep(worker.run, "worker", may_end=lambda: self._draining)
        connected = loops.promise(self._connect(), "connecting")
        await asyncio.wait((stopped, connected), return_when=asyncio.FIRST_COMPLETED)
        if connected.done():
            connected.result()  # or TokenRejected
            self._connected = True
            await self._stand_by(stop, worker)
        loops.cancel()

    async def _stand_by(self, stop: asyncio.Event, worker: Consumer | None) -> None:
        """Take updates in, and do all the work for as long as we lead."""
        parts, polling = self.parts, self.parts.polling
        if isinstance(polling, Webhook):
            polling.open()
        leading = parts.loops.promise(parts.leader.run(partial(self._lead, stop, worker)), "leading")
        if parts.looks is not None:
            parts.loops.keep(partial(parts.looks.run, parts.inbox.stage.look), "looks")
        await stop.wait()
        if isinstance(polling, Webhook):
            polling.close()
        if parts.leader.holds:
            await leading

    async def _lead(self, stop: asyncio.Event, worker: Consumer | None, cut_off: bool) -> None:
        """All the work, until `stop` is set and what is in hand is finished, or we are cancelled: another one leads."""
        parts = self.parts
        if not isinstance(parts.polling, Webhook):
            parts.polling.begin()
        parts.context.fair_use.forget()
        parts.sender.forget()
        parts.albums.begin()
        if cut_off:
            parts.inbox.suspect(utc_now())
        async with Supervisor() as duties:
            duties.keep(self._adopt, "repair")
            told = (parts.thanks.stage, parts.claim_notices.stage)
            for stage in (parts.outbox.stage, parts.albums.stage, *told, parts.inbox.stage):
                duties.keep(stage.run, stage.name)
            submitting = duties.keep(parts.submitter.run, "submitting")
            if worker is not None and parts.looks is not None:
                duties.keep(worker.run, "results", may_end=lambda: self._draining)
            duties.keep(parts.waiting_notices.run, "waiting notices")
            duties.keep(parts.alerts.run, "alerts")
            duties.keep(self._keep_house, "housekeeping")
            duties.keep(self._erase, "erasing")
            duties.keep(self._introduce, "commands")
            duties.keep(self._count, "counting")
            duties.keep(parts.bot.abort_when_over, "term")
            learning = duties.keep(parts.learning.run, "learning") if parts.learning is not None else None
            polling = duties.keep(parts.polling.run, "polling")
            await stop.wait()
            log.info("stopping: no new updates; work in hand has %s s", parts.settings.drain_s)
            polling.cancel()
            await asyncio.wait((polling,))
            if learning is not None:
                learning.cancel()  # ends a retrain while work in hand is finished; nobody waits for it before the end
            await self._drain(submitting, worker)
            duties.cancel()

    async def _adopt(self) -> None:
        """Take up what slipped out of our hands: see `adopt` of each repository."""
        while True:
            async with self.parts.database.unit() as unit:  # not shared: of a full inbox it takes long
                await _adopt(unit)
            for stage in (self.parts.inbox.stage, self.parts.outbox.stage):
                stage.look()
            await asyncio.sleep(self.parts.timing.sweep_s)

    async def _count(self) -> None:
        while True:
            async with self.parts.database.unit(read_only=True) as unit:
                self._waiting = await unit.inbox.count_pending(), await unit.outbox.count_pending()
            await asyncio.sleep(COUNT_S)

    async def _keep_house(self) -> None:
        while True:
            await asyncio.sleep(self.parts.timing.tidy_s)
            await tidy(self.parts.database, self.parts.photo_store)

    async def _erase(self) -> None:
        parts = self.parts
        parts.retention_guard.begin()
        while True:
            try:
                held = parts.metrics.outcomes.retention_held = await parts.retention_guard.why_not()
                days = 0 if held else parts.settings.retention_days
                await erase_what_is_due(parts.database, parts.photo_store, days)
                if not held:
                    parts.retention_guard.applied()
            except (DatabaseError, PhotoStoreError) as error:
                log.warning("photos that may not be kept are still there: %s", error)
            await asyncio.sleep(parts.timing.erase_s)

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

    async def _drain(self, submitting: asyncio.Task[None], worker: Consumer | None) -> None:
        """Finish what can be finished in time; whatever cannot is in the database and follows at the next start."""
        self._draining = True
        parts, drain_s = self.parts, self.parts.settings.drain_s
        now = asyncio.get_running_loop().time()
        deadline, halfway = now + drain_s, now + drain_s / 2
        await _by(halfway, parts.inbox.stage.drain())
        if worker is not None and parts.looks is None:
            with suppress(DatabaseError):  # what is there follows at the next start
                await _by(halfway, parts.submitter.drain())
        submitting.cancel()
        if worker is not None:
            await _by(deadline, worker.drain(drain_s / 2))
        for stage in (parts.albums.stage, parts.outbox.stage, parts.thanks.stage):
            await _by(deadline, stage.drain())

    def _watch(self) -> None:
        parts, check, gauge = self.parts, self.parts.health.add, self.parts.metrics.gauge
        check("database", self._database_ready)
        check("telegram", self._telegram_ready)
        check("lease", self._lease_ready)
        gauge("leads", "1 in the one bot that works; the others stand by", lambda: int(parts.leader.leads))
        gauge("queue_waiting", "Photos before the worker", lambda: self.photos_waiting)
        gauge("queue_oldest_seconds", "Age of the oldest photo in the queue", parts.queue.oldest_age_s)
        gauge("inbox_waiting", "Updates that are not dealt with", lambda: self._waiting[0])
        gauge("outbox_waiting", "Answers not sent yet", lambda: self._waiting[1])

    async def _database_ready(self) -> str | None:
        await self.parts.database.ping()
        return None

    async def _telegram_ready(self) -> str | None:
        return await self.parts.polling.ready() if self._connected else "has not been reached yet"

    async def _lease_ready(self) -> str | None:
        return self.parts.leader.trouble() if self._connected else None  # it is not asked for before

    async def _introduce(self) -> None:
        """Register the menus of commands, and what people read before they start, once."""
        context = self.parts.context
        await give_menus(context)
        await introduce(context)
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


async def _adopt(unit: Unit) -> None:
    await unit.inbox.adopt()
    await unit.jobs.adopt()
    await unit.albums.adopt()
    await unit.outbox.adopt()
    await unit.thanks.adopt()
