"""How long an update's way into the inbox and through it takes, beside an empty inbox and beside a million rows."""

import asyncio
import sqlite3
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, closing
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from bot.bench.waits import Waits
from db import migrate
from db.database import Database
from db.records import IncomingUpdate
from db.unit import Unit
from db.url import sqlite_url

BATCH = 100  # the most that a poll brings
WAITING = 10_000  # updates that are not dealt with: as many as a bot ever takes up
_FIRST_NEW = 2 * 10**9
_FILL = """
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :rows)
INSERT INTO inbox (update_id, chat_id, received_at, done_at, attempts, payload)
SELECT i,
       CASE WHEN i > :done THEN i % 1000 END,
       strftime('%Y-%m-%d %H:%M:%S.000000', '2026-01-01', '+' || i || ' seconds'),
       CASE WHEN i <= :done THEN strftime('%Y-%m-%d %H:%M:%S.000000', '2026-01-01', '+' || i || ' seconds') END,
       1,
       CASE WHEN i > :done THEN :payload END
FROM n
"""
Work = Callable[[Unit, int], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class InboxTiming:
    """Seconds an update, from the beginning of the transaction to its end on the disk."""

    empty: Waits
    full: Waits


@dataclass(frozen=True, slots=True)
class InboxBench:
    """`rows` in the fuller inbox, of which `waiting` are not dealt with."""

    rows: int
    waiting: int
    size_mb: float
    timings: dict[str, InboxTiming]


async def run_inbox_bench(rows: int, runs: int, folder: Path, progress: Callable[[float], None]) -> InboxBench:
    """In two SQLite files in `folder`, by turns; `runs` of each operation. `progress` is told the share."""
    waiting = min(WAITING, rows)
    async with AsyncExitStack() as stack:
        databases = []
        for name, size in (("empty", 0), ("full", rows)):
            file = folder / f"{name}.sqlite3"
            await migrate.upgrade(sqlite_url(file))
            await asyncio.to_thread(_fill, file, size, min(waiting, size))
            databases.append(await Database.open(sqlite_url(file)))
            stack.push_async_callback(databases[-1].close)
        timings = {}
        for number, (name, work, updates) in enumerate(_operations()):
            timings[name] = await _by_turns(databases, work, updates, runs)
            progress((number + 1) / 4)
        size_mb = await asyncio.to_thread(lambda: (folder / "full.sqlite3").stat().st_size / 2**20)
    return InboxBench(rows, waiting, size_mb, timings)


def _operations() -> Sequence[tuple[str, Work, int]]:
    """What a bot does with each update, and with how many at once; each time with others."""
    return (
        ("taken in, one by one (webhook)", _add_one, 1),
        (f"taken in, {BATCH} at once (polling)", _add_batch, BATCH),
        ("begun", lambda unit, number: unit.inbox.begin(_FIRST_NEW + number), 1),
        ("done", lambda unit, number: unit.inbox.done(_FIRST_NEW + number), 1),
    )


async def _add_one(unit: Unit, number: int) -> object:
    return await unit.inbox.add([_update(_FIRST_NEW + number)])


async def _add_batch(unit: Unit, number: int) -> object:
    first = 2 * _FIRST_NEW + number * BATCH
    return await unit.inbox.add([_update(first + place) for place in range(BATCH)])


def _update(update_id: int) -> IncomingUpdate:
    """As large as that of a photo."""
    return IncomingUpdate(update_id, update_id % 1000, {"update_id": update_id, "message": {"text": "x" * 1000}})


async def _by_turns(databases: Sequence[Database], work: Work, updates: int, runs: int) -> InboxTiming:
    """What else the machine does disturbs both alike."""
    took_s: list[list[float]] = [[] for _ in databases]
    numbers = count()
    for _ in range(runs):
        number = next(numbers)
        for database, times_s in zip(databases, took_s, strict=True):
            start = time.perf_counter()
            async with database.unit() as unit:
                await work(unit, number)
            times_s.append((time.perf_counter() - start) / updates)
    return InboxTiming(*(Waits.of(times_s) for times_s in took_s))


def _fill(file: Path, rows: int, waiting: int) -> None:
    if not rows:
        return
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        values = {"rows": rows, "done": rows - waiting, "payload": '{"message": {"text": "' + "x" * 1000 + '"}}'}
        connection.execute(_FILL, values)
        connection.commit()
