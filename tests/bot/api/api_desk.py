"""The API on a real port, with a real database and a worker that answers by what the photo is."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from aiohttp import ClientResponse, ClientSession, TCPConnector
from stage import BEAGLE

from bot.api.admission import Admission
from bot.api.routes import PREFIX, Api
from bot.api.tokens import new_token, token_hash
from bot.health import Health
from bot.http_server import Waits, WebServer
from bot.metrics import Metrics
from db.database import Database
from db.url import sqlite_url
from inference.photo.decode import DEFAULT_LIMITS, PhotoError, TooManyPixels, decode
from inference.queue.direct import DirectPhotos
from inference.queue.local import LocalQueue
from inference.queue.protocol import Failure, Job, JobResult


@dataclass
class ApiDesk:
    """Who asks, and what there is behind it."""

    url: str
    token: str
    client: ClientSession
    database: Database
    photos: DirectPhotos
    metrics: Metrics
    may_work: asyncio.Event

    async def send(self, data: Any, *, token: str | None = None, **headers: str) -> "Answer":
        """A request for a prediction; `token=""`: without any."""
        shown = self.token if token is None else token
        named = {"Authorization": f"Bearer {shown}"} if shown else {}
        async with self.client.post(f"{self.url}/v1/predictions", data=data, headers={**named, **headers}) as response:
            return await Answer.of(response)

    async def get(self, path: str, *, token: str | None = None) -> "Answer":
        """A request for anything else."""
        shown = self.token if token is None else token
        async with self.client.get(f"{self.url}{path}", headers={"Authorization": f"Bearer {shown}"}) as response:
            return await Answer.of(response)


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    json: Any
    wait_s: int | None

    @classmethod
    async def of(cls, response: ClientResponse) -> "Answer":
        wait = response.headers.get("Retry-After")
        return cls(response.status, await response.json(), None if wait is None else int(wait))


async def _work(queue: LocalQueue, photos: DirectPhotos, may_work: asyncio.Event) -> None:
    """Decodes as the worker does, and says the same of every dog."""
    async with asyncio.TaskGroup() as looking:
        while True:
            for job in await queue.take(8, 0):
                await may_work.wait()
                looking.create_task(_look(queue, photos, job))


async def _look(queue: LocalQueue, photos: DirectPhotos, job: Job) -> None:
    try:
        await asyncio.to_thread(partial(decode, photos.photo(job.photo_sha256), min_side_px=224))
        result = JobResult(job, (BEAGLE,))
    except TooManyPixels:
        result = JobResult(job, failure=Failure.TOO_LARGE)
    except PhotoError:
        result = JobResult(job, failure=Failure.UNREADABLE)
    except LookupError:
        result = JobResult(job, failure=Failure.MISSING)
    photos.came(result)
    await queue.done(job)


@asynccontextmanager
async def open_desk(
    folder: Path, *, at_once: int = 32, per_minute: int = 0, waits: Waits | None = None, result_s: float = 60.0
) -> AsyncIterator[ApiDesk]:
    """Until the block is left."""
    health, metrics, queue = Health(), Metrics(), LocalQueue()
    database, may_work = await Database.open(sqlite_url(folder / "bot.db")), asyncio.Event()
    may_work.set()
    photos, token = DirectPhotos(queue, result_s), new_token()
    async with database.unit() as unit:
        await unit.api_tokens.add(token_hash(token), "tester")

    async def labels() -> frozenset[str]:
        return frozenset({"beagle"})

    admission = Admission(at_once, per_minute, lambda: 2.5, lambda: False)
    working = asyncio.get_running_loop().create_task(_work(queue, photos, may_work))
    try:
        async with (
            WebServer("127.0.0.1", 0, health, metrics, waits) as web,
            ClientSession(connector=TCPConnector(limit=200)) as client,
        ):
            web.mount(PREFIX, Api(database, photos.look, labels, admission, metrics).handle)
            url = f"http://127.0.0.1:{web.port}{PREFIX}"
            yield ApiDesk(url, token, client, database, photos, metrics, may_work)
    finally:
        working.cancel()
        await asyncio.wait((working,))
        await database.close()


LIMIT_BYTES = DEFAULT_LIMITS.limit_bytes
