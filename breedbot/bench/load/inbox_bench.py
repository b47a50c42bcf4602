"""How long an update's way into the inbox and through it takes, beside an empty inbox and beside a million rows."""

import asyncio
import sqlite3
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, closing
from dataclasses import dataclass
from itertools import count, islice
from pathlib import Path

from breedbot.bench.waits import Waits
from db import migrate
from db.chat.inbox import IncomingUpdate
from db.database import Database
from db.unit import Unit
from db.url import sqlite_url

BATCH = 100  # the most that a poll brings
CALLS = 40  # that Telegram's webhook makes at once, by its default
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
        timings, operations = {}, _operations()
        for done, operation in enumerate(operations, 1):
            timings[operation.name] = await _by_turns(databases, operation, runs)
            progress(done / len(operations))
        size_mb = await asyncio.to_thread(lambda: (folder / "full.sqlite3").stat().st_size / 2**20)
    return InboxBench(rows, waiting, size_mb, timings)


@dataclass(frozen=True, slots=True)
class _Operation:
    """`work` is done in `at_once` units at the same time, each of them for `updates`, numbered from `first`."""

    name: str
    work: Work
    updates: int = 1
    at_once: int = 1
    first: int = 0


def _operations() -> Sequence[_Operation]:
    """What a bot does with each update; each time with others."""
    return (
        _Operation("taken in, one call after the other (webhook)", _add_one),
        _Operation(f"taken in, {CALLS} calls at once (webhook)", _add_one, at_once=CALLS, first=10**6),
        _Operation(f"taken in, {BATCH} in one call (polling)", _add_batch, updates=BATCH),
        _Operation("begun", lambda unit, number: unit.inbox.begin(_FIRST_NEW + number)),
        _Operation("done", lambda unit, number: unit.inbox.finish(_FIRST_NEW + number)),
    )


async def _add_one(unit: Unit, number: int) -> object:
    return await unit.inbox.add([_update(_FIRST_NEW + number)])


async def _add_batch(unit: Unit, number: int) -> object:
    first = 2 * _FIRST_NEW + number * BATCH
    return await unit.inbox.add([_update(first + place) for place in range(BATCH)])


def _update(update_id: int) -> IncomingUpdate:
    """As large as that of a photo."""
    return IncomingUpdate(update_id, update_id % 1000, {"update_id": update_id, "message": {"text": "x" * 1000}})


async def _by_turns(databases: Sequence[Database], operation: _Operation, runs: int) -> InboxTiming:
    """What else the machine does disturbs both alike."""
    took_s: list[list[float]] = [[] for _ in databases]
    numbers = count(operation.first)
    for _ in range(runs):
        batch = list(islice(numbers, operation.at_once))
        for database, times_s in zip(databases, took_s, strict=True):
            start = time.perf_counter()
            await asyncio.gather(*(_unit(database, operation.work, number) for number in batch))
            times_s.append((time.perf_counter() - start) / (operation.updates * operation.at_once))
    return InboxTiming(*(Waits.of(times_s) for times_s in took_s))


async def _unit(database: Database, work: Work, number: int) -> None:
    async with database.unit() as unit:
        await work(unit, number)


def _fill(file: Path, rows: int, waiting: int) -> None:
    if not rows:
        return
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        values = {"rows": rows, "done": rows - waiting, "payload": '{"message": {"text": "' + "x" * 1000 + '"}}'}
        connection.execute(_FILL, values)
        connection.commit()
