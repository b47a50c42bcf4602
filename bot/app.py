"""The bot, assembled: what runs, in which order it starts, and in which it stops."""

import asyncio
import logging
from collections.abc import Awaitable
from functools import partial
from typing import Protocol

from telegram.error import TelegramError

from bot.breed_search import BreedSearch
from bot.delivery import Delivery
from bot.dispatcher import Dispatcher
from bot.feeder import Feeder
from bot.health import Health
from bot.housekeeping import tidy
from bot.intake import Intake
from bot.lanes import Later
from bot.metrics import Metrics
from bot.nursery import Nursery
from bot.outgoing import Outgoing, Refused
from bot.pace import Pace
from bot.results import Results
from bot.services import Services
from bot.settings import BotSettings
from bot.telegram_bot import TelegramBot
from bot.texts import languages
from bot.views.guidance import commands
from bot.waiting_room import WaitingRoom
from bot.web import WebServer
from bot.webhook import Webhook
from db.database import Database
from db.photo_store import PhotoStore
from inference.breeds import Catalogue
from inference.queue import JobQueue, JobResult

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
        pace: the waits; tests hurry.
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
        pace: Pace | None = None,
    ) -> None:
        if settings.telegram_token is None:
            raise ValueError("BotApp needs settings.telegram_token; without one, point it at the local chat")
        self._settings = settings
        self._database = database
        self._photo_store = photo_store
        self._web = web
        self._pace = pace or Pace()
        self.health = health or Health()
        self._metrics = metrics or Metrics()
        self._loops, self._saves = Nursery(), Nursery()
        self._bot = TelegramBot(settings.telegram_api, settings.telegram_token.get_secret_value(), self._pace)
        self._outgoing = Outgoing(self._bot, self._pace, self._metrics)
        self._feeder = Feeder(queue, self._pace, settings.photos_limit)
        self._waiting_room = WaitingRoom(self._outgoing, self._feeder, database, self._loops, self._pace)
        self._delivery = self._assemble_delivery()
        self._results = Results(database, self._delivery, self._feeder, self._saves, self._metrics)
        self._dispatcher = self._assemble_dispatcher(BreedSearch(catalogue))
        self._intake = self._assemble_intake()
        self._draining = False
        self._watch(queue)

    async def report(self, result: JobResult) -> None:
        """For the worker: store a result and have it delivered. Raises: DatabaseError - report it again."""
        await self._results.report(result)

    @property
    def updates_waiting(self) -> int:
        """Updates that are stored and not dealt with."""
        return self._dispatcher.waiting

    @property
    def photos_waiting(self) -> int:
        """Photos that no worker has taken."""
        return self._feeder.waiting

    @property
    def answers_waiting(self) -> int:
        """Answers that Telegram has not taken."""
        return self._delivery.waiting

    async def run(self, stop: asyncio.Event, worker: Consumer | None = None) -> None:
        """Serve until `stop` is set, then shut down in order. ``worker``: run beside us, if it lives in this process.

        Raises:
            TokenRejected: Telegram does not know the token.
        """
        try:
            async with self._saves:
                async with self._loops:
                    await self._serve(stop, worker)
                if not await self._saves.settle(SAVE_S):
                    log.error(
                        "some outcomes could not be saved in %s s; they are worked out again at the start", SAVE_S
                    )
                    self._saves.cancel()
        finally:
            await self._bot.shutdown()

    async def _serve(self, stop: asyncio.Event, worker: Consumer | None) -> None:
        stopped = self._loops.promise(_until(stop), "stop signal")
        if worker is not None:
            self._loops.keep(worker.run, "worker", may_end=lambda: self._draining)
        await self._take_up()
        feeder = self._loops.keep(self._feeder.run, "feeder")
        connected = self._loops.promise(self._connect(), "connecting")
        await asyncio.wait((stopped, connected), return_when=asyncio.FIRST_COMPLETED)
        if connected.done():
            connected.result()  # or TokenRejected
            intake = await self._open()
            await stopped
            log.info("stopping: no new updates; work in hand has %s s", self._settings.drain_s)
            await self._close_intake(intake)
            await self._drain(feeder, worker)
        self._loops.cancel()

    async def _take_up(self) -> None:
        """Put every unfinished job before the worker, and every unsent answer before delivery; twice is once."""
        photos, answers = await self._feeder.load(self._database), await self._delivery.load()
        log.debug("%s photos wait for the worker, %s answers for delivery", photos, answers)

    async def _sweep(self) -> None:
        """Work that slipped out of our hands, by a commit that failed or that nobody heard of, is found again here."""
        while True:
            await asyncio.sleep(self._pace.sweep_s)
            await self._take_up()
            await self._dispatcher.load()

    async def _keep_house(self) -> None:
        while True:
            await asyncio.sleep(self._pace.tidy_s)
            await tidy(self._database, self._photo_store)

    async def _connect(self) -> None:
        tries = 0
        while True:
            try:
                await self._bot.initialize()
            except TelegramError as error:
                tries += 1
                delay_s = self._pace.in_trouble.delay_s(tries)
                log.warning("%s cannot be reached: %s; next try in %.1f s", self._settings.telegram_api, error, delay_s)
                await asyncio.sleep(delay_s)
            else:
                return

    async def _open(self) -> asyncio.Task[None]:
        """Start delivery, then handlers, then intake: what comes in has somewhere to go. Returns: the intake's task."""
        self._loops.keep(self._delivery.run, "delivery")
        self._loops.keep(self._waiting_room.run, "waiting room")
        self._loops.keep(self._sweep, "sweep")
        self._loops.keep(self._keep_house, "housekeeping")
        log.info("%s updates left from before", await self._dispatcher.load())
        self._loops.keep(self._dispatcher.run, "dispatcher")
        self._loops.start(self._introduce(), "commands")
        return self._loops.keep(self._intake.run, "intake")

    async def _close_intake(self, intake: asyncio.Task[None]) -> None:
        intake.cancel()
        await asyncio.wait((intake,))

    async def _drain(self, feeder: asyncio.Task[None], worker: Consumer | None) -> None:
        """Finish what can be finished in time; whatever cannot is in the database and follows at the next start."""
        self._draining = True
        now = asyncio.get_running_loop().time()
        deadline, halfway = now + self._settings.drain_s, now + self._settings.drain_s / 2
        await _by(halfway, self._dispatcher.drain())
        if worker is not None:
            await _by(halfway, self._feeder.drain())
        feeder.cancel()
        if worker is not None:
            await _by(deadline, worker.drain(self._settings.drain_s / 2))
        await _by(deadline, self._delivery.drain())

    def _assemble_delivery(self) -> Delivery:
        return Delivery(
            self._database,
            self._outgoing,
            self._waiting_room,
            self._saves,
            self._metrics,
            places=self._settings.sends_at_once,
            language=self._settings.language,
            pace=self._pace,
        )

    def _assemble_dispatcher(self, search: BreedSearch) -> Dispatcher:
        services = Services(
            self._bot,
            self._outgoing,
            self._database,
            self._photo_store,
            self._feeder,
            self._waiting_room,
            search,
            self._metrics,
        )
        return Dispatcher(
            services,
            places=self._settings.handlers_at_once,
            inbox_limit=self._settings.inbox_limit,
            language=self._settings.language,
            pace=self._pace,
        )

    def _assemble_intake(self) -> Intake | Webhook:
        url, secret = self._settings.webhook_url, self._settings.webhook_secret
        if url is None:
            return Intake(self._bot, self._dispatcher, self._pace, self._metrics)
        if self._web is None or secret is None:
            raise ValueError("a webhook needs settings.webhook_secret and the web server")
        return Webhook(self._bot, self._dispatcher, self._web, url, secret.get_secret_value(), self._pace)

    def _watch(self, queue: JobQueue) -> None:
        self.health.add("database", self._database_ready)
        self.health.add("telegram", self._intake.ready)
        self._metrics.gauge("queue_waiting", "Photos before the worker", lambda: self.photos_waiting)
        self._metrics.gauge("queue_oldest_seconds", "Age of the oldest photo in the queue", queue.oldest_age_s)
        self._metrics.gauge("inbox_waiting", "Updates in hand", lambda: self.updates_waiting)
        self._metrics.gauge("outbox_waiting", "Answers not sent yet", lambda: self.answers_waiting)

    async def _database_ready(self) -> str | None:
        await self._database.ping()
        return None

    async def _introduce(self) -> None:
        """Register the menu of commands; a bot without it works, too."""
        menus = {"": commands(self._settings.language)} | {language: commands(language) for language in languages()}
        for code, menu in menus.items():
            try:
                await self._outgoing.call(0, partial(self._bot.set_my_commands, menu, language_code=code))
            except (Later, Refused) as trouble:
                log.warning("the commands could not be registered for %r: %s", code, trouble)


async def _by(deadline: float, work: Awaitable[None]) -> None:
    """Give a step of the shutdown until `deadline`, in the event loop's time."""
    try:
        async with asyncio.timeout_at(deadline):
            await work
    except TimeoutError:
        log.warning("not all was done before the deadline; the rest follows at the next start")


async def _until(stop: asyncio.Event) -> None:
    await stop.wait()
