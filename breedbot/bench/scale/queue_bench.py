"""What the queue between processes costs a photo, and how many workers it can keep busy."""

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from breedbot.bench.load.life import Life
from breedbot.bench.scale.stub_worker import StubWorker
from breedbot.bench.waits import Waits
from inference.queue.local import LocalQueue
from inference.queue.nats.connection import NatsLink
from inference.queue.nats.jobs import NatsQueue
from inference.queue.nats.results import NatsResults
from inference.queue.nats.url import NatsUrl
from inference.queue.protocol import Job, JobQueue, JobResult

READY_S = 60.0
WORKERS_A_PROCESS = 4
_SHA256 = "0" * 64
_WARM = 20


@dataclass(frozen=True, slots=True)
class Overhead:
    """Seconds from the submission of one photo to its result with the bot; the worker takes no time.

    `extra_ms`: the median, against that of the queue inside one process.
    """

    local: Waits
    nats: Waits
    extra_ms: float


@dataclass(frozen=True, slots=True)
class Scaling:
    """`workers`, each of which looks at `per_worker_s` photos a second, together answered `per_s`."""

    workers: int
    per_worker_s: float
    per_s: float

    @property
    def efficiency(self) -> float:
        """Of what they could at most, 0–1."""
        return self.per_s / (self.workers * self.per_worker_s)


class Bot:
    """The bot's side of the queue: submits, and waits for results."""

    def __init__(self, queue: JobQueue) -> None:
        self.queue = queue
        self.came_at: list[float] = []
        self._wanted: dict[int, asyncio.Future[None]] = {}
        self._numbers = iter(range(1, 10**9))

    async def one(self) -> float:
        """Seconds that one photo takes."""
        number = next(self._numbers)
        wanted = self._wanted[number] = asyncio.get_running_loop().create_future()
        start = time.perf_counter()
        await self.queue.submit(_job(number))
        await wanted
        took_s = time.perf_counter() - start
        del self._wanted[number]
        return took_s

    async def submit(self, count: int) -> None:
        """So many photos; nobody waits for them."""
        for _ in range(count):
            await self.queue.submit(_job(next(self._numbers)))

    async def report(self, result: JobResult) -> None:
        """A result has come."""
        self.came_at.append(time.perf_counter())
        wanted = self._wanted.get(result.job.id)
        if wanted is not None and not wanted.done():
            wanted.set_result(None)


async def run_overhead(url: str, runs: int) -> Overhead:
    """The queue at `url` and the local one by turns: what else the machine does disturbs both alike."""
    local_s, nats_s = [], []
    async with AsyncExitStack() as stack:
        near = await stack.enter_async_context(_local_line())
        far = await stack.enter_async_context(_nats_line(url))
        for _ in range(_WARM):
            await near.one(), await far.one()
        for _ in range(runs):
            local_s.append(await near.one())
            nats_s.append(await far.one())
    local, nats = Waits.of(local_s), Waits.of(nats_s)
    return Overhead(local, nats, 1000 * (nats.p50_s - local.p50_s))


async def run_scaling(
    url_of: Callable[[str], str], workers: Sequence[int], batch_s: float, batch_photos: int, seconds: float,
    folder: Path, progress: Callable[[float], None],
) -> list[Scaling]:  # fmt: skip
    """Simulated workers in processes of their own; each count is measured for about `seconds`, with a full line.

    `url_of` a prefix: each count has a line of its own.
    """
    found = []
    for number, count in enumerate(workers):
        found.append(await _scaling(url_of(f"scale{count}"), count, batch_s, batch_photos, seconds, folder))
        progress((number + 1) / len(workers))
    return found


async def _scaling(url: str, count: int, batch_s: float, batch_photos: int, seconds: float, folder: Path) -> Scaling:
    per_worker_s = batch_photos / batch_s
    async with _bot_side(url) as bot:
        lives = [
            Life(_workers(url, some, batch_s, batch_photos), {}, folder, f"workers{count}") for some in _shares(count)
        ]
        try:
            await bot.submit(int(count * per_worker_s * (seconds + 5)))
            for life in lives:
                await life.start()
            await _busy(bot, count * batch_photos)
            bot.came_at.clear()
            await asyncio.sleep(seconds)
            return Scaling(count, per_worker_s, _slope(bot.came_at))
        finally:
            for life in lives:
                await life.stop()


async def _busy(bot: Bot, results: int) -> None:
    """Until every worker must have answered more than once."""
    async with asyncio.timeout(READY_S):
        while len(bot.came_at) < 3 * results:  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.05)


def _workers(url: str, count: int, batch_s: float, batch_photos: int) -> tuple[str, ...]:
    return sys.executable, "-m", "breedbot.bench.scale.stub_workers", url, str(count), str(batch_s), str(batch_photos)


def _shares(count: int) -> list[int]:
    """So many workers for each process."""
    full, rest = divmod(count, WORKERS_A_PROCESS)
    return [WORKERS_A_PROCESS] * full + ([rest] if rest else [])


def _slope(came_at: Sequence[float]) -> float:
    """Results a second, as the slope of the line through their staircase: they come by the batch."""
    if len(came_at) < 2:
        return 0.0
    return float(np.polyfit(np.asarray(came_at) - came_at[0], np.arange(len(came_at)), 1)[0])


@asynccontextmanager
async def _local_line() -> AsyncIterator[Bot]:
    queue = LocalQueue()
    bot = Bot(queue)
    async with _running(StubWorker(queue, bot.report, 0.0).run):
        yield bot


@asynccontextmanager
async def _nats_line(url: str) -> AsyncIterator[Bot]:
    """Each side has a connection of its own, as in two processes."""
    async with NatsLink(NatsUrl.parse(url)) as link, NatsQueue(link) as queue, _bot_side(url) as bot:
        await link.ready(READY_S)
        async with _running(StubWorker(queue, queue.report, 0.0).run):
            yield bot


@asynccontextmanager
async def _bot_side(url: str) -> AsyncIterator[Bot]:
    async with NatsLink(NatsUrl.parse(url)) as link, NatsQueue(link) as queue:
        await link.ready(READY_S)
        bot = Bot(queue)
        async with _running(NatsResults(link, queue, bot.report).run):
            yield bot


@asynccontextmanager
async def _running(work: Callable[[], Awaitable[None]]) -> AsyncIterator[None]:
    async with asyncio.TaskGroup() as group:
        task = group.create_task(_awaited(work))
        yield
        task.cancel()


async def _awaited(work: Callable[[], Awaitable[None]]) -> None:
    await work()


def _job(number: int) -> Job:
    return Job(number, _SHA256, time.time())
