"""A stage for the whole Telegram side: a real Bot API server, a real database, and a worker that knows its lines."""

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field, replace
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import cast

import numpy as np
from PIL import Image

from bot.alerts.alerts import Surroundings
from bot.app import BotApp, Consumer
from bot.conversation.heatmap.port import Heatmap
from bot.conversation.moderation.review import ConsoleLink
from bot.health import Health
from bot.http_server import WebServer
from bot.metrics import Metrics
from bot.parts import Parts
from bot.pipeline.leader import LeaseTimes, Looks
from bot.settings import BotSettings
from bot.telegram.message import View
from bot.term import FOREVER, Term
from bot.texts import say
from bot.timing import Timing
from core.prediction import BreedScore, Kind, Prediction, Remark
from core.retry import Backoff
from db.chat.chat_records import FeedbackRecord
from db.database import Database
from db.photos.photo_store import PhotoFolder
from db.url import sqlite_url
from inference.queue.local import LocalQueue
from inference.queue.protocol import Failure, Job, JobQueue, JobResult
from sandbox import ALICE, ChatMessage, LocalChat, Persona
from training.learning.promotion.retrain_scheduler import RetrainNow
from training.learning.promotion.service import Learning

TIMING = Timing(
    poll_s=2.0,
    request_s=5.0,
    at_once=Backoff(0.01, 0.05),
    in_trouble=Backoff(0.02, 0.1),
    fault=Backoff(0.01, 0.05),
    room_tick_s=0.05,
    album_quiet_s=0.15,
    limits_hurry=1000,
    notice_after_s=60.0,  # no “place in the queue” on a slow machine, where a test waits for the answer,
    slow_file_s=600.0,  # nor that a file takes its time
)
BEAGLE = Prediction(
    Kind.BREED,
    (
        BreedScore("beagle", 0.7),
        BreedScore("basset_hound", 0.15),
        BreedScore("bloodhound", 0.08),
        BreedScore("english_foxhound", 0.05),
        BreedScore("bluetick_coonhound", 0.02),
    ),
    0.01,
    "test-model",
    "test-backbone",
    np.zeros(2048, np.float16),
)
LOCAL, CLUSTER = "local", "cluster"
NAMED = "@breedbot_local_bot"  # what makes us answer in a group
Say = Callable[[str], Prediction | tuple[Prediction, ...] | Failure]
Report = Callable[[JobResult], Awaitable[None]]


def leading() -> Term:
    """Of whoever leads for good."""
    term = Term()
    term.renew(FOREVER)
    return term


def photo(shade: int = 128, *, width: int = 640, height: int = 480) -> bytes:
    """A small JPEG; another shade is another photo."""
    file = BytesIO()
    Image.new("RGB", (width, height), (shade % 256, (shade * 7) % 256, 90)).save(file, "JPEG")
    return file.getvalue()


class StubWorker:
    """Stands in for the classifier: takes jobs, and reports what `say` makes of each photo."""

    def __init__(self, queue: JobQueue, say: Say) -> None:
        self.queue = queue
        self.say = say
        self.remarks: tuple[Remark, ...] = ()
        self.may_work = asyncio.Event()
        self.may_work.set()
        self.free = asyncio.Event()
        self.free.set()
        self.report: Report | None = None
        self.looked_at: list[int] = []

    async def run(self) -> None:
        while True:
            await self.may_work.wait()
            for job in await self.queue.take(1, 0):
                self.free.clear()
                try:
                    await self.may_work.wait()
                    self.looked_at.append(job.id)
                    assert self.report is not None
                    await self.report(self._result(job))
                    await self.queue.done(job)
                except asyncio.CancelledError:
                    await self.queue.put_back([job])
                    raise
                self.free.set()

    def _result(self, job: Job) -> JobResult:
        said = self.say(job.photo_sha256)
        if isinstance(said, Failure):
            return JobResult(job, failure=said)
        dogs = said if isinstance(said, tuple) else (said,)
        return JobResult(job, dogs, queue_s=0.01, decode_s=0.01, infer_s=0.01, remarks=self.remarks)

    async def drain(self, deadline_s: float) -> None:
        async with asyncio.timeout(deadline_s):
            await self.free.wait()


@dataclass
class NoLearning:
    """Stands where the learning loop would be."""

    retrain_now: RetrainNow

    async def way_back(self) -> None:
        return None

    async def run(self) -> None:
        await asyncio.Event().wait()


@dataclass(frozen=True)
class Line:
    """What is between the bot and the worker; `consumer`: what runs beside the bot, in its process."""

    queue: JobQueue
    consumer: Callable[[BotApp], Consumer]
    looks: Looks | None = None
    times: LeaseTimes = field(default_factory=LeaseTimes)


@dataclass
class Stage:
    """Holds what survives a restart: the chat, the database file, the photos."""

    chat: LocalChat
    folder: Path
    timing: Timing = TIMING
    settings: BotSettings = field(init=False)
    queue: JobQueue = field(init=False)
    worker: StubWorker = field(init=False)
    database: Database = field(init=False)
    app: BotApp = field(init=False)
    web: WebServer = field(init=False)
    running: asyncio.Task[None] = field(init=False)
    say: Say = lambda _: BEAGLE
    queue_limit: int = 1000
    heatmap: Heatmap | None = None
    retrain_now: RetrainNow | None = None
    learning: Callable[[Database], Learning] | None = None
    console_link: ConsoleLink | None = None
    moderators: set[int] = field(default_factory=set)  # changes count at once
    around: Surroundings = field(default_factory=Surroundings)

    def __post_init__(self) -> None:
        self.settings = BotSettings(_env_file=None, http_port=0, drain_s=5.0).at_server(self.chat.url, self.chat.token)  # type: ignore[call-arg]

    def set(self, **values: object) -> None:
        """Change settings before the bot runs."""
        self.settings = self.settings.model_copy(update=values)

    def hurry(self, **waits: object) -> None:
        """Change the pace before the bot runs."""
        self.timing = replace(self.timing, **waits)  # type: ignore[arg-type]

    @asynccontextmanager
    async def bot(self, *, work: bool = True, stop: bool = True) -> AsyncIterator[BotApp]:
        """One life of the bot. ``stop=False``: it is cut off at the end instead of being stopped."""
        health, metrics = Health(), Metrics()
        self.database = await Database.open(self.database_url)
        self.web = WebServer("127.0.0.1", self.settings.http_port, health, metrics)
        try:
            async with self.web, self.line(work=work) as line:
                self.queue = line.queue
                parts = Parts(
                    self.settings,
                    self.database,
                    PhotoFolder(self.folder / "photos"),
                    line.queue,
                    web=self.web,
                    health=health,
                    metrics=metrics,
                    timing=self.timing,
                    heatmap=self.heatmap,
                    learning=self._learning(),
                    console_link=self.console_link,
                    moderators=lambda: frozenset(self.moderators) or self.settings.moderators,
                    around=self.around,
                    looks=line.looks,
                    times=line.times,
                )
                self.app = BotApp(parts)
                stopping = asyncio.Event()
                running = self.app.run(stopping, line.consumer(self.app))
                self.running = asyncio.get_running_loop().create_task(running)
                try:
                    yield self.app
                finally:
                    if stop:
                        stopping.set()
                    else:
                        self.running.cancel()
                    await asyncio.wait((self.running,))
                    if stop:
                        self.running.result()
        finally:
            await self.database.close()

    @property
    def database_url(self) -> str:
        """With all tables."""
        return sqlite_url(self.folder / "bot.db")

    @asynccontextmanager
    async def line(self, *, work: bool) -> AsyncIterator[Line]:
        """The way to a worker, in the bot's own process here; `work`: whether it begins at once."""
        queue = LocalQueue(self.queue_limit)
        self.hire(queue, work=work)

        def reporting_to(app: BotApp) -> Consumer:
            self.worker.report = app.parts.results.report
            return self.worker

        yield Line(queue, reporting_to)

    def hire(self, queue: JobQueue, *, work: bool) -> None:
        """A worker of this life of the bot."""
        self.worker = StubWorker(queue, self.say)
        if not work:
            self.worker.may_work.clear()

    def _learning(self) -> Learning | None:
        """The whole loop, or only its button; the rest has tests of its own."""
        if self.learning is not None:
            return self.learning(self.database)
        return cast("Learning", NoLearning(self.retrain_now)) if self.retrain_now is not None else None

    async def until(self, holds: Callable[[], object], timeout_s: float = 60.0) -> None:
        """Wait until something holds that nothing announces: looked at once per turn of the event loop."""
        async with asyncio.timeout(timeout_s):
            while not holds():  # noqa: ASYNC110 - see above
                await asyncio.sleep(0.002)

    async def replies(self, sent: list[ChatMessage], timeout_s: float = 60.0) -> list[ChatMessage]:
        """To each of these messages the first reply that names it."""
        return [await self.chat.wait_for_reply(one, partial(_names, one), timeout_s) for one in sent]

    async def called(self, method: str, times: int = 1, timeout_s: float = 60.0) -> None:
        """Wait until the bot has called a method of the Bot API that often."""
        await self.until(lambda: self.chat.faults.calls[method] >= times, timeout_s)

    async def settled(self, timeout_s: float = 60.0) -> None:
        """Wait until every update is confirmed and dealt with, and every answer marked."""
        async with asyncio.timeout(timeout_s):
            while self.chat.pending_updates() or await self.waiting():  # noqa: ASYNC110 - nothing announces it
                await asyncio.sleep(0.01)

    async def dealt_with(self) -> None:
        """Wait until every update is confirmed and dealt with."""
        async with asyncio.timeout(60):
            while self.chat.pending_updates() or await self._updates():  # noqa: ASYNC110 - nor this
                await asyncio.sleep(0.01)

    async def _updates(self) -> int:
        async with self.database.unit(read_only=True) as unit:
            return await unit.inbox.count_pending()

    async def waiting(self) -> int:
        """Updates that are not dealt with, and answers that are not noted."""
        async with self.database.unit(read_only=True) as unit:
            return (
                await unit.inbox.count_pending()
                + await unit.jobs.count_unanswered()
                + await unit.outbox.count_pending()
            )

    def deliver(self, person: Persona, content: dict[str, object]) -> None:
        """A message of any kind, from this person."""
        world = self.chat.world
        world.updates.add("message", world.post(person.id, person.to_user(), dict(content)).payload)

    def deliver_raw(self, update: dict[str, object]) -> None:
        """Any JSON at all as the next update."""
        world = self.chat.world
        update_id = world.database.next_number("update_id", 700_000_001)
        world.database.execute(
            "INSERT INTO updates VALUES (?, ?)", update_id, json.dumps({"update_id": update_id} | update)
        )
        world.updates.interrupt()

    async def change_database(self, statement: str) -> None:
        """Write behind the bot's back, which may be about to end a transaction: our event loop is its own."""
        await asyncio.to_thread(self.edit_database, statement)

    def edit_database(self, statement: str) -> list[tuple[object, ...]]:
        """Run a statement behind the bot's back: one that reads, or while no bot runs here."""
        with closing(sqlite3.connect(self.folder / "bot.db", timeout=60)) as connection, connection:
            return connection.execute(statement).fetchall()

    async def claims(self) -> list[FeedbackRecord]:
        """What people said, as it is stored."""
        async with self.database.unit() as unit:
            return await unit.feedback.list()


def _names(message: ChatMessage, reply: ChatMessage) -> bool:
    return reply.reply_to_id == message.message_id


def shown(language: str, key: str) -> str:
    """A sentence as people see it: without markup, white space aside."""
    return " ".join(View(say(language, key)).plain.split())


async def asked(stage: Stage, text: str, who: Persona = ALICE, chat: object = None) -> ChatMessage:
    """What the bot says to a text."""
    return await stage.chat.wait_for_reply(await stage.chat.send_text(who, text, chat=chat))  # type: ignore[arg-type]


async def turned(stage: Stage, message: ChatMessage, button: str) -> ChatMessage:
    """The message after a press."""
    await (await stage.chat.press(message, button)).answer()
    await stage.settled()
    return stage.chat.message(message)
