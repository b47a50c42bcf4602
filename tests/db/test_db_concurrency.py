"""Many units and processes at once, cut off at any moment: nothing locked, nothing lost, nothing half done."""

import asyncio
import random
import sqlite3
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import cast

import pytest
from db_samples import ANNA, queued, update
from stored import pending_updates

from db import engine as engines
from db import migrate
from db.database import Database
from db.errors import DatabaseBusy, DatabaseUnwritable

WRITER = """
import asyncio, sys
from db.database import Database
from db.chat.inbox import IncomingUpdate

async def main(url, first):
    database = await Database.open(url)
    for number in range(first, first + 100_000):
        async with database.unit() as unit:
            await unit.inbox.add([IncomingUpdate(2 * number, 1, {"n": number}), IncomingUpdate(2 * number + 1, 1, {})])
        print(number, flush=True)

asyncio.run(main(sys.argv[1], int(sys.argv[2])))
"""


class Writer(asyncio.subprocess.Process):
    stdout: asyncio.StreamReader


async def start_writer(url: str, first: int) -> Writer:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", WRITER, url, str(first), stdout=asyncio.subprocess.PIPE
    )
    return cast("Writer", process)


async def test_a_hundred_units_at_once_all_succeed(database: Database) -> None:
    async def work(number: int) -> None:
        async with database.unit() as unit:
            job = await queued(unit, update_id=number)
            await unit.job_attempts.begin([job.id])

    await asyncio.gather(*(work(number) for number in range(100)))

    async with database.unit(read_only=True) as unit:
        assert await unit.jobs.count_pending() == 100


async def test_a_counter_incremented_by_many_loses_nothing(database: Database, url: str) -> None:
    other = await Database.open(url)
    async with database.unit() as unit:
        await unit.inbox.add([update(1)])

    async def count(where: Database) -> int:
        async with where.unit() as unit:
            return await unit.inbox.begin(1)

    counted = await asyncio.gather(*(count(where) for where in (database, other) * 30))
    await other.close()

    assert sorted(counted) == list(range(1, 61))


async def test_readers_do_not_wait_for_a_writer_and_see_what_is_committed(database: Database) -> None:
    async with database.unit() as unit:
        await unit.inbox.add([update(1)])
        async with database.unit(read_only=True) as reader:
            assert await reader.inbox.count_pending() == 0
    async with database.unit(read_only=True) as reader:
        assert await reader.inbox.count_pending() == 1


async def test_a_unit_that_only_reads_cannot_write(database: Database, file: Path) -> None:
    with pytest.raises(DatabaseUnwritable, match=str(file)):
        async with database.unit(read_only=True) as unit:
            await unit.users.seen(ANNA, "en")


async def test_a_unit_that_fails_leaves_nothing(database: Database) -> None:
    async def accident() -> None:
        async with database.unit() as unit:
            await unit.inbox.add([update(1)])
            raise KeyError("accident")

    with pytest.raises(KeyError, match="accident"):
        await accident()

    async with database.unit() as unit:
        assert await unit.inbox.count_pending() == 0


async def test_errors_of_other_things_inside_a_unit_stay_what_they_are(database: Database) -> None:
    with pytest.raises(TimeoutError, match="telegram"):
        async with database.unit():
            raise TimeoutError("telegram")


async def test_units_cancelled_at_any_moment_leave_no_lock_and_nothing_half_done(database: Database) -> None:
    chance = random.Random(7)

    async def pair(number: int) -> None:
        async with database.unit() as unit:
            await unit.inbox.add([update(2 * number)])
            await unit.inbox.add([update(2 * number + 1)])

    start = time.monotonic()
    await asyncio.gather(*(pair(1000 + k) for k in range(5)))
    usual_s = time.monotonic() - start  # so that about half of them are through, however fast the machine is
    cancelled = 0
    for turn in range(40):
        tasks = [asyncio.ensure_future(pair(10 * turn + k)) for k in range(5)]
        await asyncio.wait(tasks, timeout=chance.uniform(0, 1.5 * usual_s))
        for task in tasks:
            task.cancel()
        outcomes = await asyncio.gather(*tasks, return_exceptions=True)
        cancelled += sum(isinstance(outcome, asyncio.CancelledError) for outcome in outcomes)

    async with database.unit() as unit:
        ids = {record.update_id for record in await pending_updates(unit, 1000)}
    assert cancelled > 0
    assert len(ids) > 10
    assert all(number ^ 1 in ids for number in ids)


async def test_a_nested_unit_is_told_so_instead_of_hanging(
    database: Database, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("db.database.TURN_S", 0.05)

    async with database.unit():
        with pytest.raises(DatabaseBusy, match="nested"):
            async with database.unit():
                pass
    async with database.unit() as unit:
        await unit.inbox.add([update(1)])


async def test_a_lock_held_by_another_process_is_waited_for_and_then_named(
    url: str, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "BUSY_S", 0.1)
    await migrate.upgrade(url)
    database = await Database.open(url)
    with closing(sqlite3.connect(file)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(DatabaseBusy, match=f"{file} is locked"):
            async with database.unit() as unit:
                await unit.inbox.add([update(1)])
    async with database.unit() as unit:
        await unit.inbox.add([update(1)])
    await database.close()


@pytest.mark.slow
async def test_what_was_committed_survives_kill_9(database: Database, url: str, engine: str) -> None:
    first = 0
    for _ in range(3):
        process = await start_writer(url, first)
        lines = [await process.stdout.readline() for _ in range(20)]
        process.kill()
        rest, _ = await process.communicate()
        committed = [int(line) for line in [*lines, *rest.splitlines()]]

        async with database.unit() as unit:
            ids = {record.update_id for record in await pending_updates(unit, 1_000_000)}
            if engine == "sqlite":
                integrity = await unit.connection.exec_driver_sql("PRAGMA integrity_check")
                assert integrity.scalar() == "ok"
        assert {2 * number for number in committed} <= ids
        assert all(number ^ 1 in ids for number in ids)
        first = max(ids) // 2 + 1


@pytest.mark.slow
async def test_two_processes_write_at_once(database: Database, url: str) -> None:
    process = await start_writer(url, 1000)
    assert await process.stdout.readline()
    for number in range(50):
        async with database.unit() as unit:
            await unit.inbox.add([update(number)])
    still_writing = [await process.stdout.readline() for _ in range(100)]
    process.kill()
    await process.communicate()

    assert all(still_writing)
