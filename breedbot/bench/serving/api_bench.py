"""How much of the worker's speed the HTTP API hands on: `breedbot bench api`."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from itertools import count
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from aiohttp import ClientSession, TCPConnector
from rich.table import Table

from bot.api.admission import Admission
from bot.api.routes import PREFIX, Api
from bot.api.tokens import new_token, token_hash
from bot.health import Health
from bot.http_server import WebServer
from bot.metrics import Metrics
from breedbot.bench.serving.conditions import conditions
from breedbot.bench.serving.sample_photos import sample_photo
from breedbot.bench.serving.served_path import Flow, PathError, ServedPath, slope
from breedbot.bench.serving.serving_bench import ROUNDS, SAMPLES, BenchClassifier, Progress
from db import migrate
from db.database import Database
from db.url import sqlite_url
from inference.queue.direct import DirectPhotos
from inference.queue.local import LocalQueue
from inference.worker.batcher import DEPTH_BATCHES
from inference.worker.worker import Worker

_FEWEST_BATCHES = 4
_DRAIN_S = 30.0
_WAIT_S = 600.0  # a slow machine is measured, too


@dataclass(frozen=True, slots=True)
class ApiBench:
    """Measured in turns, with the second look; medians over rounds.

    Attributes:
        engine: name and precision.
        worker_images_per_s: photos straight into the worker's queue.
        api_images_per_s: the same photos by POST, over connections that are kept; the client's work is counted, too.
        api_over_worker: of the rounds, each with its own two.
        at_once: photos under way.
        photos: different photos used, and `photo_bytes` their mean size.
        n: rounds, and photos of each kind.
        conditions: machine and versions.
    """

    engine: str
    worker_images_per_s: float
    api_images_per_s: float
    api_over_worker: float
    at_once: int
    photos: int
    photo_bytes: int
    n: dict[str, int]
    conditions: dict[str, str | int | float]

    def to_json(self) -> dict[str, object]:
        """The keys as they are, numbers rounded to what was measured."""
        return {key: round(value, 3) if isinstance(value, float) else value for key, value in asdict(self).items()}


async def run_api_bench(
    classifier: BenchClassifier,
    photos: Sequence[bytes] = (),
    *,
    seconds: float = 60.0,
    progress: Progress | None = None,
) -> ApiBench:
    """Measure for about `seconds`, in rounds; in each either way has every photo once at least.

    Raises:
        PathError: a photo was not answered.
    """
    files = list(photos) or await asyncio.to_thread(lambda: [sample_photo(seed) for seed in range(SAMPLES)])
    straight = ServedPath(classifier, files)
    try:
        async with _served_api(classifier, files) as api, asyncio.TaskGroup() as group:
            for worker in (straight.worker, api.worker):
                group.create_task(worker.run())
            fewest = max(len(files), _FEWEST_BATCHES * classifier.batch_sizes[-1])
            rounds = await _rounds(straight, api, seconds / ROUNDS, fewest, progress)
            for worker in (straight.worker, api.worker):
                await worker.drain(_DRAIN_S)
    except* PathError as errors:
        raise errors.exceptions[0] from None
    return ApiBench(
        engine=classifier.engine,
        worker_images_per_s=median(worked.per_s for worked, _ in rounds),
        api_images_per_s=median(served.per_s for _, served in rounds),
        api_over_worker=median(served.per_s / worked.per_s for worked, served in rounds),
        at_once=api.at_once,
        photos=len(files),
        photo_bytes=sum(map(len, files)) // len(files),
        n={
            "rounds": len(rounds),
            "worker": sum(worked.photos for worked, _ in rounds),
            "api": sum(served.photos for _, served in rounds),
        },
        conditions=conditions(),
    )


async def _rounds(
    straight: ServedPath, api: "_ServedApi", seconds: float, fewest: int, progress: Progress | None
) -> list[tuple[Flow, Flow]]:
    """In changing order: a drift of the clock rate favours neither."""
    for each in (straight, api):  # threads, caches and allocators get used to their work
        await each.saturated(0, fewest)
    rounds = []
    for number in range(ROUNDS):
        served = await api.saturated(seconds / 2, fewest) if number % 2 else None
        worked = await straight.saturated(seconds / 2, fewest)
        served = served or await api.saturated(seconds / 2, fewest)
        rounds.append((worked, served))
        if progress is not None:
            progress((number + 1) / ROUNDS)
    return rounds


def api_table(measured: ApiBench) -> Table:
    """The numbers, with how many photos each rests on."""
    title = f"{measured.engine}, {measured.photos} photos, {measured.at_once} at once"
    table = Table("", "", "n", box=None, title=title, title_justify="left")
    table.add_row("worker alone", f"{measured.worker_images_per_s:.1f} images/s", str(measured.n["worker"]))
    table.add_row("HTTP API", f"{measured.api_images_per_s:.1f} images/s", str(measured.n["api"]))
    table.add_row("… of the worker alone", f"{measured.api_over_worker:.0%}", "")
    return table


class _ServedApi:
    """Clients that keep the API busy; its worker's `run` has to be going on."""

    def __init__(self, worker: Worker, client: ClientSession, url: str, files: Sequence[bytes], batch: int) -> None:
        self.worker = worker
        self._client = client
        self._url = url
        self._files = files
        self._numbers = count()
        self._skipped = DEPTH_BATCHES * batch
        self.at_once = (DEPTH_BATCHES + 2) * batch  # as the worker alone has them

    async def saturated(self, seconds: float, fewest: int) -> Flow:
        """As `ServedPath.saturated`."""
        answered_s: list[float] = []
        refilled_s, end_s = 0.0, time.perf_counter() + seconds

        async def ask() -> None:
            nonlocal refilled_s
            while time.perf_counter() < end_s or len(answered_s) < self._skipped + fewest:
                refilled_s = time.perf_counter()
                await self._post(self._files[next(self._numbers) % len(self._files)])
                answered_s.append(time.perf_counter())

        try:
            async with asyncio.TaskGroup() as clients:
                for _ in range(self.at_once):
                    clients.create_task(ask())
        except* PathError as errors:
            raise errors.exceptions[0] from None
        steady_s = [at for at in answered_s[self._skipped :] if at <= refilled_s]
        return Flow(slope(steady_s), len(steady_s))

    async def _post(self, photo: bytes) -> None:
        async with self._client.post(self._url, data=photo) as response:
            said = await response.text()
        if response.status != 200:
            raise PathError(f"the API answered {response.status}: {said}")


@asynccontextmanager
async def _served_api(classifier: BenchClassifier, files: Sequence[bytes]) -> AsyncIterator[_ServedApi]:
    """The web app on a port of its own, a database, and a worker behind them, as in `breedbot run`."""
    queue, metrics, token, batch = LocalQueue(), Metrics(), new_token(), classifier.batch_sizes[-1]
    direct = DirectPhotos(queue, _WAIT_S)

    async def no_labels() -> frozenset[str]:
        return frozenset()

    async def none_stored(name: str) -> bytes:
        raise LookupError(name)

    async def no_others(_result: object) -> None:
        raise NotImplementedError

    worker = Worker(queue, lambda: classifier, direct.fetching(none_stored), direct.reporting(no_others))
    with TemporaryDirectory(prefix="breedbot-api-", ignore_cleanup_errors=True) as folder:
        url = sqlite_url(Path(folder) / "bot.sqlite3")
        await migrate.upgrade(url)
        database = await Database.open(url)
        try:
            async with (
                WebServer("127.0.0.1", 0, Health(), metrics) as web,
                ClientSession(connector=TCPConnector(limit=0), headers={"Authorization": f"Bearer {token}"}) as client,
            ):
                async with database.unit() as unit:
                    await unit.api_tokens.add(token_hash(token), "bench")
                admission = Admission((DEPTH_BATCHES + 2) * batch, 0, lambda: 0.0, lambda: False)
                web.mount(PREFIX, Api(database, direct.look, no_labels, admission, metrics).handle)
                at = f"http://127.0.0.1:{web.port}{PREFIX}/v1/predictions"
                yield _ServedApi(worker, client, at, files, batch)
        finally:
            await database.close()
