"""How many photos a second one bot process takes in, and how many it answers, when the worker costs nothing."""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

from breedbot.bench.load.scene import Scene, scene
from breedbot.bench.serving.sample_photos import sample_photo
from db.database import Database
from db.errors import DatabaseError

PEOPLE = 200
SAMPLES = 8
WIDTH_PX, HEIGHT_PX = 480, 360
LOOK_S = 0.1
IDLE_S = 3600.0  # a worker that takes so long leaves the processor to the intake
HURRY = 10_000.0
PATIENCE_S = 300.0
_Count = Callable[[Scene, Database], Awaitable[int]]
_STEADY = 0.1, 0.9  # from the last look at so few of all photos to the first one at so many: neither start nor end


@dataclass(frozen=True, slots=True)
class Intake:
    """Photos a second: fetched and committed as jobs; and taken in, looked at by the stub, and answered."""

    database: str
    photos: int
    taken_per_s: float
    answered_per_s: float


async def run_intake(photos: int, folder: Path, settings: Mapping[str, str], again: Mapping[str, str]) -> Intake:
    """The photos wait for the bot, and come by polling. `settings`, `again`: of the two bots; two empty databases.

    Raises:
        LifeEnded: the bot ended by itself.
    """
    for name in ("taken", "answered"):
        await asyncio.to_thread((folder / name).mkdir, parents=True)
    taken = await _per_s(photos, folder / "taken", settings, IDLE_S, _taken)
    answered = await _per_s(photos, folder / "answered", again, 0.0, _answered)
    return Intake(settings.get("DATABASE_URL", "sqlite+").partition("+")[0], photos, taken, answered)


async def _per_s(photos: int, folder: Path, settings: Mapping[str, str], batch_s: float, count: _Count) -> float:
    command = (sys.executable, "-m", "breedbot.bench.scale.stub_bot", str(batch_s), "64", str(HURRY))
    async with scene(folder, command, PEOPLE, {"LOG_FORMAT": "text", **settings}) as stage:
        files = await asyncio.to_thread(lambda: [sample_photo(seed, WIDTH_PX, HEIGHT_PX) for seed in range(SAMPLES)])
        uploaded = [await stage.crowd.upload(file) for file in files]
        for number in range(photos):
            stage.crowd.send(number, uploaded[number % len(uploaded)])
        began = monotonic()
        await stage.bot.start()
        return _slope([(began, 0), *await _watch(stage, photos, count)], photos)


async def _watch(stage: Scene, photos: int, count: _Count) -> list[tuple[float, int]]:
    """Times and counts, until all are there."""
    database = await _opened(stage)
    seen: list[tuple[float, int]] = []
    end = monotonic() + PATIENCE_S
    try:
        while monotonic() < end:
            stage.bot.check()
            seen.append((monotonic(), await count(stage, database)))
            if seen[-1][1] >= photos:
                break
            await asyncio.sleep(LOOK_S)
    finally:
        await database.close()
    return seen


async def _opened(stage: Scene) -> Database:
    """As soon as the bot has made its tables."""
    end = monotonic() + PATIENCE_S
    while True:
        stage.bot.check()
        try:
            return await Database.open(stage.database_url)
        except DatabaseError:
            if monotonic() > end:
                raise
        await asyncio.sleep(LOOK_S)


async def _taken(stage: Scene, database: Database) -> int:
    return await stage.jobs(database)


async def _answered(stage: Scene, _: Database) -> int:
    return len(stage.ledger.heard)


def _slope(seen: list[tuple[float, int]], photos: int) -> float:
    few, many = (share * photos for share in _STEADY)
    began, first = [one for one in seen if one[1] <= few][-1]
    end, last = next((one for one in seen if one[1] >= many), seen[-1])
    return (last - first) / (end - began)
