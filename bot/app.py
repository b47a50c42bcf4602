"""The bot, assembled: what runs, in which order it starts, and in which it stops."""

import asyncio
import logging
from collections.abc import Awaitable
from functools import partial
from typing import Protocol

from telegram import BotCommandScopeAllChatAdministrators
from telegram.error import TelegramError

from bot.alerts.alerts import Alerts, Surroundings
from bot.conversation.breeds.search import BreedSearch
from bot.conversation.context import ConsoleLink, Context
from bot.conversation.groups.rules import Groups
from bot.conversation.heatmap.port import Heatmap
from bot.conversation.moderation.menu import give_own_menu
from bot.conversation.moderation.moderators import Moderators
from bot.conversation.personal.help_view import admin_commands, commands
from bot.conversation.photo.fair_use import FairUse
from bot.errors import Later, Refused
from bot.health import Health
from bot.http_server import WebServer
from bot.log_counter import CountedLines
from bot.metrics import Metrics
from bot.pipeline.albums import AlbumStage
from bot.pipeline.erasure import erase_what_is_due
from bot.pipeline.housekeeping import tidy
from bot.pipeline.inbox import InboxStage, Intake
from bot.pipeline.leader import Leader, LeaseTimes
from bot.pipeline.looks import Looks
from bot.pipeline.outbox import OutboxStage
from bot.pipeline.results import Results
from bot.pipeline.submit import Submitter
from bot.pipeline.thanks import ThanksStage
from bot.pipeline.waiting_notice import WaitingNotices
from bot.settings import BotSettings
from bot.telegram.client import TelegramBot
from bot.telegram.downloads import Downloads
from bot.telegram.polling import Polling
from bot.telegram.sender import Sender
from bot.telegram.term import Term
from bot.telegram.webhook import Webhook
from bot.texts import languages
from bot.timing import Timing
from core.breeds.catalogue import Catalogue
from core.clock import utc_now
from core.supervisor import Supervisor
from db.database import Database
from db.errors import DatabaseError, PhotoStoreError
from db.photos.photo_store import PhotoStore
from db.unit import Unit
from inference.queue.protocol import JobQueue, JobResult
from training.learning.promotion.service import Learning

MEASURE_S = 2.0
SAVE_S = 5.0  # for final writes, after everything else has stopped

log = logging.getLogger(__name__)


class Consumer(Protocol):
    """Takes jobs from the queue and reports results: the worker of `inference/`."""

    async def run(self) -> None:
        """Work until cancelled."""

    async def drain(self, deadline_s: float) -> None:
        """Finish what was taken from the queue, take nothing more."""


class BotApp:
    """Everything between Telegram and the queue. Database, queue, worker and web server belong to who wires them.

    Args:
        settings: with a token.
        database: open, its tables up to date.
        photo_store: where photos are kept.
        queue: to the worker.
        catalogue: the breeds that can be searched.
        web: listening already; None = no HTTP port, so no webhook either.
        health: gets our checks: database, telegram.
        metrics: gets our numbers.
        timing: the waits; tests hurry.
        heatmap: paints what an answer rests on; None = nobody gets any.
        learning: runs beside us; None = nothing is learnt.
        moderators: who they are at each moment; None = those of the settings.
        console_link: logs a moderator in to the web console; None = there is none.
        around: what is watched outside the bot, for alerts; None = nothing.
        looks: to the other bots on the same database; None = there are none, and the worker is in this process.
        times: of the lease that says which of them leads.
    """

    def __init__(
        self,
        settings: BotSettings,
        database: Database,
        photo_store: PhotoStore,
        queue: JobQueue,
        catalogue: Catalogue,
        *,
        web: WebServer | None = None,
        health: Health | None = None,
        metrics: Metrics | None = None,
        timing: Timing | None = None,
        heatmap: Heatmap | None = None,
        learning: Learning | None = None,
        moderators: Moderators | None = None,
        console_link: ConsoleLink | None = None,
        around: Surroundings | None = None,
        looks: Looks | None = None,
        times: LeaseTimes | None = None,
    ) -> None:
        if settings.telegram_token is None:
            raise ValueError("BotApp needs settings.telegram_token; without one, point it at the local chat")
        self._settings = settings
        self._database = database
        self._photo_store = photo_store
        self._web = web
        self._heatmap = heatmap
        self._learning = learning
        self._console_link = console_link
        self._moderators = moderators or (lambda: settings.moderators)
        self._timing = timing or Timing()
        self._looks = looks
        self.health = health or Health()
        self._metrics = metrics or Metrics()
        self._loops, self._saves = Supervisor(), Supervisor()
        self._term = Term()
        self._leader = Leader(database, self._term, times)
        self._bot = TelegramBot(
            settings.telegram_api, settings.telegram_token.get_secret_value(), self._timing, self._term
        )
        self._sender = Sender(self._bot, self._term, self._timing, self._metrics)
        self._submitter = Submitter(queue, database, self._timing, settings.photos_limit, settings.photos_wait)
        self._waiting_notices = WaitingNotices(self._sender, self._submitter, database, self._loops, self._timing)
        self._fair_use = FairUse(database, settings.photos_per_user_minute, settings.photos_per_chat_minute)
        self._albums = AlbumStage(database, self._saves, self._timing)
        self._outbox = OutboxStage(
            database,
            self._sender,
            self._waiting_notices,
            self._saves,
            self._metrics,
            places=settings.sends_at_once,
            language=settings.language,
            timing=self._timing,
        )
        self._thanks = ThanksStage(database, self._sender, self._saves, language=settings.language, timing=self._timing)
        self._results = Results(database, self._submitter, self._saves, self._metrics, self._look, learning)
        self.alerts = Alerts(
            database,
            self._sender,
            self._moderators,
            self._metrics,
            around or Surroundings(),
            language=settings.language,
        )
        self._inbox = InboxStage(
            self._assemble_context(BreedSearch(catalogue)),
            self._saves,
            places=settings.handlers_at_once,
            language=settings.language,
            timing=self._timing,
        )
        self._intake = self._assemble_intake(Intake(database, settings.inbox_limit, self._updates_came))
        self._connected = self._draining = False
        self._counts = (0, 0)
        self._watch(queue)

    async def report(self, result: JobResult) -> None:
        """For the worker: store a result and have it delivered. Raises: DatabaseError - report it again."""
        await self._results.report(result)

    @property
    def photos_waiting(self) -> int:
        """Photos that no worker has taken."""
        return self._submitter.waiting

    @property
    def leads(self) -> bool:
        """Whether we do the work, of all bots on this database."""
        return self._leader.leads

    async def run(self, stop: asyncio.Event, worker: Consumer | None = None) -> None:
        """Serve until `stop` is set, then shut down in order. ``worker``: run beside us, if it lives in this process.

        Raises:
            TokenRejected: Telegram does not know the token.
        """
        try:
            with CountedLines(lambda level: self._metrics.log_lines.labels(level).inc()).installed():
                async with self._saves:
                    async with self._loops:
                        await self._serve(stop, worker)
                    if not await self._saves.settle(SAVE_S):
                        log.error("some outcomes could not be saved in %s s; they are worked out again", SAVE_S)
                        self._saves.cancel()
        finally:
            await self._bot.shutdown()

    async def _serve(self, stop: asyncio.Event, worker: Consumer | None) -> None:
        stopped = self._loops.promise(_until(stop), "stop signal")
        if worker is not None and self._looks is None:
            self._loops.keep(worker.run, "worker", may_end=lambda: self._draining)
        connected = self._loops.promise(self._connect(), "connecting")
        await asyncio.wait((stopped, connected), return_when=asyncio.FIRST_COMPLETED)
        if connected.done():
            connected.result()  # or TokenRejected
            self._connected = True
            await self._stand_by(stop, worker)
        self._loops.cancel()

    async def _stand_by(self, stop: asyncio.Event, worker: Consumer | None) -> None:
        """Take updates in, and do all the work for as long as we lead."""
        if isinstance(self._intake, Webhook):
            self._intake.open()
        leading = self._loops.promise(self._leader.run(partial(self._lead, stop, worker)), "leading")
        if self._looks is not None:
            self._loops.keep(partial(self._looks.run, self._look_for_updates), "looks")
        await stop.wait()
        if isinstance(self._intake, Webhook):
            self._intake.close()
        if self._leader.leads:
            await leading

    async def _lead(self, stop: asyncio.Event, worker: Consumer | None, cut_off: bool) -> None:
        """All the work, until `stop` is set and what is in hand is finished, or we are cancelled: another one leads."""
        self._fair_use.forget()
        self._albums.begin()
        if cut_off:
            self._inbox.suspect(utc_now())
        async with Supervisor() as duties:
            duties.keep(self._repair, "repair")
            for stage in (self._outbox.stage, self._albums.stage, self._thanks.stage, self._inbox.stage):
                duties.keep(stage.run, stage.name)
            submitting = duties.keep(self._submitter.run, "submitting")
            if worker is not None and self._looks is not None:
                duties.keep(worker.run, "results", may_end=lambda: self._draining)
            duties.keep(self._waiting_notices.run, "waiting notices")
            duties.keep(self.alerts.run, "alerts")
            duties.keep(self._keep_house, "housekeeping")
            duties.keep(self._erase, "erasing")
            duties.keep(self._introduce_once, "commands")
            duties.keep(self._measure, "measuring")
            duties.keep(self._bot.abort_when_over, "term")
            learning = duties.keep(self._learning.run, "learning") if self._learning is not None else None
            intake = duties.keep(self._intake.run, "intake")
            await stop.wait()
            log.info("stopping: no new updates; work in hand has %s s", self._settings.drain_s)
            intake.cancel()
            await asyncio.wait((intake,))
            if learning is not None:
                learning.cancel()  # ends a retrain while work in hand is finished; nobody waits for it before the end
            await self._drain(submitting, worker)
            duties.cancel()

    def _look(self) -> None:
        """Something is to be said."""
        self._albums.stage.look()
        self._outbox.stage.look()

    def _look_for_updates(self) -> None:
        self._inbox.stage.look()

    def _updates_came(self) -> None:
        self._inbox.stage.look()
        if self._looks is not None and not self._leader.leads:
            self._loops.start(self._looks.say(), "look")

    async def _repair(self) -> None:
        while True:
            await self._database.write(_adopt)
            await asyncio.sleep(self._timing.sweep_s)

    async def _measure(self) -> None:
        while True:
            async with self._database.unit(read_only=True) as unit:
                self._counts = await unit.inbox.count_pending(), await unit.outbox.count()
            await asyncio.sleep(MEASURE_S)

    async def _keep_house(self) -> None:
        while True:
            await asyncio.sleep(self._timing.tidy_s)
            await tidy(self._database, self._photo_store)

    async def _erase(self) -> None:
        while True:
            try:
                await erase_what_is_due(self._database, self._photo_store, self._settings.retention_days)
            except (DatabaseError, PhotoStoreError) as error:
                log.warning("photos that may not be kept are still there: %s", error)
            await asyncio.sleep(self._timing.erase_s)

    async def _connect(self) -> None:
        tries = 0
        while True:
            try:
                await self._bot.initialize()
            except TelegramError as error:
                tries += 1
                delay_s = self._timing.in_trouble.delay_s(tries)
                log.warning("%s cannot be reached: %s; next try in %.1f s", self._settings.telegram_api, error, delay_s)
                await asyncio.sleep(delay_s)
            else:
                return

    async def _drain(self, submitting: asyncio.Task[None], worker: Consumer | None) -> None:
        """Finish what can be finished in time; whatever cannot is in the database and follows at the next start."""
        self._draining = True
        now = asyncio.get_running_loop().time()
        deadline, halfway = now + self._settings.drain_s, now + self._settings.drain_s / 2
        await _by(halfway, self._inbox.stage.drain())
        if worker is not None and self._looks is None:
            await _by(halfway, self._submitter.drain())
        submitting.cancel()
        if worker is not None:
            await _by(deadline, worker.drain(self._settings.drain_s / 2))
        await _by(deadline, self._albums.stage.drain())
        await _by(deadline, self._outbox.stage.drain())
        await _by(deadline, self._thanks.stage.drain())

    def _assemble_context(self, search: BreedSearch) -> Context:
        return Context(
            self._bot,
            Downloads(self._bot, self._timing, self._metrics),
            self._sender,
            self._database,
            self._photo_store,
            self._submitter,
            self._waiting_notices,
            search,
            self._metrics,
            self._loops,
            self._moderators,
            Groups(self._bot, self._sender, self._database),
            self._fair_use,
            self._settings.retention_days,
            heatmap=self._heatmap,
            language=self._settings.language,
            retrain_now=self._learning.retrain_now if self._learning is not None else None,
            console_link=self._console_link,
        )

    def _assemble_intake(self, inbox: Intake) -> Polling | Webhook:
        url, secret = self._settings.webhook_url, self._settings.webhook_secret
        if url is None:
            return Polling(self._bot, inbox, self._timing, self._metrics)
        if self._web is None or secret is None:
            raise ValueError("a webhook needs settings.webhook_secret and the web server")
        return Webhook(self._bot, inbox, self._web, url, secret.get_secret_value(), self._timing)

    def _watch(self, queue: JobQueue) -> None:
        self.health.add("database", self._database_ready)
        self.health.add("telegram", self._telegram_ready)
        self.health.add("lease", self._lease_ready)
        self._metrics.gauge("leads", "1 in the one bot that works; the others stand by", lambda: int(self.leads))
        self._metrics.gauge("queue_waiting", "Photos before the worker", lambda: self.photos_waiting)
        self._metrics.gauge("queue_oldest_seconds", "Age of the oldest photo in the queue", queue.oldest_age_s)
        self._metrics.gauge("inbox_waiting", "Updates that are not dealt with", lambda: self._counts[0])
        self._metrics.gauge("outbox_waiting", "Answers not sent yet", lambda: self._counts[1])

    async def _database_ready(self) -> str | None:
        await self._database.ping()
        return None

    async def _telegram_ready(self) -> str | None:
        return await self._intake.ready() if self._connected else "has not been reached yet"

    async def _lease_ready(self) -> str | None:
        return self._leader.trouble()

    async def _introduce_once(self) -> None:
        await self._introduce()
        await asyncio.Event().wait()

    async def _introduce(self) -> None:
        """Register the menu of commands; a bot without it works, too."""
        menus = {"": commands(self._settings.language)} | {language: commands(language) for language in languages()}
        for code, menu in menus.items():
            try:
                await self._sender.call(0, partial(self._bot.set_my_commands, menu, language_code=code))
                await self._sender.call(0, partial(self._introduce_to_admins, code))
            except (Later, Refused) as trouble:
                log.warning("the commands could not be registered for %r: %s", code, trouble)
        for moderator_id in sorted(self._moderators()):
            await give_own_menu(self._bot, self._sender, self._database, moderator_id, self._settings.language)

    async def _introduce_to_admins(self, code: str) -> None:
        """In groups their admins see what only they may do, too."""
        menu = admin_commands(code or self._settings.language)
        await self._bot.set_my_commands(menu, scope=BotCommandScopeAllChatAdministrators(), language_code=code)


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
    """What a bot of an older version stored beside us, or what is asleep behind rows that went with their user."""
    for rows in (unit.inbox, unit.jobs, unit.albums, unit.outbox, unit.thanks):
        await rows.adopt()
