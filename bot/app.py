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
from bot.health import Health
from bot.http_server import WebServer
from bot.log_counter import CountedLines
from bot.metrics import Metrics
from bot.pipeline.erasure import erase_what_is_due
from bot.pipeline.housekeeping import tidy
from bot.pipeline.inbox import InboxStage
from bot.pipeline.keyed_queue import Later
from bot.pipeline.outbox import Outbox
from bot.pipeline.partitions.handover import Share
from bot.pipeline.partitions.leader_only import Work, while_leading
from bot.pipeline.partitions.ownership import Alone, Ownership
from bot.pipeline.partitions.wake_calls import NatsWakes
from bot.pipeline.results import Results
from bot.pipeline.submit import Submitter
from bot.pipeline.thanks import ThanksSender
from bot.pipeline.waiting_notice import WaitingNotices
from bot.settings import BotSettings
from bot.telegram.client import TelegramBot
from bot.telegram.downloads import Downloads
from bot.telegram.polling import Polling
from bot.telegram.sender import Refused, Sender
from bot.telegram.webhook import Webhook
from bot.texts import languages
from bot.timing import Timing
from core.breeds.catalogue import Catalogue
from core.supervisor import Supervisor
from db.database import Database
from db.errors import DatabaseError, PhotoStoreError
from db.photos.photo_store import PhotoStore
from inference.queue.protocol import JobQueue, JobResult
from training.learning.promotion.service import Learning

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
        ownership: our share of the work, beside other bots on the same database; None = all of it.
        wakes: tells the other bots, and hears them; None = there are none, and the worker is in this process.
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
        ownership: Ownership | None = None,
        wakes: NatsWakes | None = None,
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
        self._ownership = ownership or Alone()
        self._wakes = wakes
        self.health = health or Health()
        self._metrics = metrics or Metrics()
        self._loops, self._saves = Supervisor(), Supervisor()
        self._bot = TelegramBot(settings.telegram_api, settings.telegram_token.get_secret_value(), self._timing)
        self._sender = Sender(self._bot, self._timing, self._metrics)
        self._submitter = Submitter(queue, self._timing, settings.photos_limit, settings.photos_wait)
        self._waiting_notices = WaitingNotices(
            self._sender, self._submitter, database, self._loops, self._timing, self._ownership
        )
        self._fair_use = FairUse(database, settings.photos_per_user_minute, settings.photos_per_chat_minute)
        self._outbox = self._assemble_outbox()
        self._thanks = ThanksSender(
            database,
            self._sender,
            self._saves,
            language=settings.language,
            timing=self._timing,
            ownership=self._ownership,
        )
        self._results = Results(
            database, self._outbox, self._submitter, self._saves, self._metrics, learning, self._ownership, wakes
        )
        self.alerts = Alerts(
            database,
            self._sender,
            self._moderators,
            self._metrics,
            around or Surroundings(),
            language=settings.language,
        )
        self._inbox = self._assemble_inbox(BreedSearch(catalogue))
        self._polling = self._assemble_polling()
        self._share = Share(
            self._database,
            self._inbox,
            self._outbox,
            self._submitter,
            self._waiting_notices,
            self._fair_use,
            self._sender,
            self._ownership,
        )
        self._draining = False
        self._watch(queue)

    async def report(self, result: JobResult) -> None:
        """For the worker: store a result and have it delivered. Raises: DatabaseError - report it again."""
        await self._results.report(result)

    @property
    def updates_waiting(self) -> int:
        """Updates that are stored and not dealt with."""
        return self._inbox.waiting

    @property
    def photos_waiting(self) -> int:
        """Photos that no worker has taken."""
        return self._submitter.waiting

    @property
    def answers_waiting(self) -> int:
        """Answers that Telegram has not taken."""
        return self._outbox.waiting

    async def run(self, stop: asyncio.Event, worker: Consumer | None = None) -> None:
        """Serve until `stop` is set, then shut down in order. ``worker``: run beside us, if it lives in this process.

        Raises:
            TokenRejected: Telegram does not know the token.
        """
        try:
            with CountedLines(lambda level: self._metrics.log_lines.labels(level).inc()).installed():
                await self._live(stop, worker)
        finally:
            await self._bot.shutdown()

    async def _live(self, stop: asyncio.Event, worker: Consumer | None) -> None:
        async with self._saves:
            async with self._loops:
                await self._serve(stop, worker)
            if not await self._saves.settle(SAVE_S):
                log.error("some outcomes could not be saved in %s s; they are worked out again at the start", SAVE_S)
                self._saves.cancel()
        await self._ownership.end()

    async def _serve(self, stop: asyncio.Event, worker: Consumer | None) -> None:
        stopped = self._loops.promise(_until(stop), "stop signal")
        if worker is not None:
            self._loops.keep(worker.run, "worker", may_end=lambda: self._draining)
        await self._share.take_up()
        submitter = self._loops.keep(self._submitter.run, "feeder")
        connected = self._loops.promise(self._connect(), "connecting")
        await asyncio.wait((stopped, connected), return_when=asyncio.FIRST_COMPLETED)
        if connected.done():
            connected.result()  # or TokenRejected
            polling = await self._open()
            learning = self._loops.keep(self._learning.run, "learning") if self._learning is not None else None
            await stopped
            log.info("stopping: no new updates; work in hand has %s s", self._settings.drain_s)
            await self._close_polling(polling)
            if learning is not None:
                learning.cancel()  # ends a retrain while work in hand is finished; nobody waits for it before the end
            await self._drain(submitter, worker)
        self._loops.cancel()

    async def _sweep(self) -> None:
        """Work that slipped out of our hands, by a commit that failed or that nobody heard of, is found again here."""
        while True:
            every_s = self._timing.sweep_s if self._wakes is None else min(self._timing.sweep_s, SWEEP_BESIDE_S)
            await self._share.sweep_due(every_s)
            await self._share.take_up()
            await self._inbox.load(self._ownership.partitions)

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

    async def _open(self) -> asyncio.Task[None]:
        """Start delivery, then handlers, then intake: what comes in has somewhere to go. Returns: the intake's task."""
        self._loops.keep(self._outbox.run, "delivery")
        self._loops.keep(self._waiting_notices.run, "waiting room")
        self._loops.keep(self._thanks.run, "thanks")
        self._loops.keep(self._duty(self.alerts.run), "alerts")
        self._loops.keep(self._sweep, "sweep")
        self._loops.keep(self._duty(self._keep_house), "housekeeping")
        self._loops.keep(self._duty(self._erase), "erasing")
        log.info("%s updates left from before", await self._inbox.load(self._ownership.partitions))
        self._loops.keep(self._inbox.run, "dispatcher")
        self._loops.keep(self._share.run, "share")
        self._loops.keep(lambda: self._ownership.run(self._share), "leases")
        if self._wakes is not None:
            self._loops.keep(partial(self._wakes.run, self._share), "wakes")
        self._loops.keep(self._duty(self._introduce_once), "commands")
        return self._loops.keep(self._polling.run, "intake")

    async def _close_polling(self, polling: asyncio.Task[None]) -> None:
        polling.cancel()
        await asyncio.wait((polling,))

    async def _drain(self, submitter: asyncio.Task[None], worker: Consumer | None) -> None:
        """Finish what can be finished in time; whatever cannot is in the database and follows at the next start."""
        self._draining = True
        self._ownership.retire()
        now = asyncio.get_running_loop().time()
        deadline, halfway = now + self._settings.drain_s, now + self._settings.drain_s / 2
        await _by(halfway, self._inbox.drain())
        if worker is not None and self._wakes is None:
            await _by(halfway, self._submitter.drain())
        submitter.cancel()
        if worker is not None:
            await _by(deadline, worker.drain(self._settings.drain_s / 2))
        await _by(deadline, self._outbox.drain())

    def _assemble_outbox(self) -> Outbox:
        return Outbox(
            self._database,
            self._sender,
            self._waiting_notices,
            self._saves,
            self._metrics,
            places=self._settings.sends_at_once,
            language=self._settings.language,
            timing=self._timing,
            ownership=self._ownership,
        )

    def _assemble_inbox(self, search: BreedSearch) -> InboxStage:
        context = Context(
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
            self._outbox.albums,
            Groups(self._bot, self._sender, self._database),
            self._fair_use,
            self._settings.retention_days,
            heatmap=self._heatmap,
            language=self._settings.language,
            retrain_now=self._learning.retrain_now if self._learning is not None else None,
            console_link=self._console_link,
        )
        return InboxStage(
            context,
            places=self._settings.handlers_at_once,
            inbox_limit=self._settings.inbox_limit,
            language=self._settings.language,
            timing=self._timing,
            ownership=self._ownership,
            wakes=self._wakes,
        )

    def _assemble_polling(self) -> Polling | Webhook:
        url, secret = self._settings.webhook_url, self._settings.webhook_secret
        if url is None:
            return Polling(self._bot, self._inbox, self._timing, self._metrics, lambda: self._ownership.polls)
        if self._web is None or secret is None:
            raise ValueError("a webhook needs settings.webhook_secret and the web server")
        return Webhook(self._bot, self._inbox, self._web, url, secret.get_secret_value(), self._timing)

    def _watch(self, queue: JobQueue) -> None:
        self.health.add("database", self._database_ready)
        self.health.add("telegram", self._polling.ready)
        self.health.add("leases", self._leases_ready)
        self._metrics.gauge("partitions", "Partitions of the chats that are ours", self._partitions_count)
        self._metrics.gauge("leads", "1 in the one bot that retrains, alerts and keeps house", self._leading)
        self._metrics.gauge("queue_waiting", "Photos before the worker", lambda: self.photos_waiting)
        self._metrics.gauge("queue_oldest_seconds", "Age of the oldest photo in the queue", queue.oldest_age_s)
        self._metrics.gauge("inbox_waiting", "Updates in hand", lambda: self.updates_waiting)
        self._metrics.gauge("outbox_waiting", "Answers not sent yet", lambda: self.answers_waiting)

    async def _database_ready(self) -> str | None:
        await self._database.ping()
        return None

    async def _leases_ready(self) -> str | None:
        return self._ownership.trouble()

    def _partitions_count(self) -> int:
        return len(self._ownership.partitions)

    def _leading(self) -> int:
        return int(self._ownership.leads)

    def _duty(self, work: Work) -> Work:
        return while_leading(self._ownership, work, self._timing.poller_look_s)

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
