"""A unit that has ended is on the disk; units that end together share the way there."""

import asyncio
import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from db_samples import update
from stored import pending_updates

from db.database import Database, GroupCommit
from db.errors import DatabaseUnavailable

ENGINES = ("sqlite",)


class Disk:
    """Forces files like the real one; counts, knows how much of a file is safe, and can be slow or broken."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.syncs = 0
        self.safe_bytes = 0
        self.error: OSError | None = None
        self.began = asyncio.Event()
        self.released = asyncio.Event()
        self.released.set()
        self._loop = asyncio.get_running_loop()
        monkeypatch.setattr("db.database._sync", self._sync)

    def _sync(self, descriptor: int) -> None:
        self.syncs += 1
        self._loop.call_soon_threadsafe(self.began.set)
        size = os.fstat(descriptor).st_size
        asyncio.run_coroutine_threadsafe(asyncio.wait_for(self.released.wait(), 30), self._loop).result()
        if self.error is not None:
            raise self.error
        os.fdatasync(descriptor)
        self.safe_bytes = size


@pytest.fixture
async def disk(monkeypatch: pytest.MonkeyPatch) -> Disk:
    return Disk(monkeypatch)


async def add(database: Database, number: int) -> None:
    async with database.unit() as unit:
        await unit.inbox.add([update(number)])


def rows_after_power_cut(file: Path, safe_bytes: int, folder: Path) -> int:
    """What is left of the inbox if only so much of the log had reached the disk."""
    folder.mkdir()
    (folder / file.name).write_bytes(file.read_bytes())
    (folder / f"{file.name}-wal").write_bytes(Path(f"{file}-wal").read_bytes()[:safe_bytes])
    with closing(sqlite3.connect(folder / file.name)) as connection:
        return int(connection.execute("SELECT count(*) FROM inbox").fetchone()[0])


async def test_what_a_unit_wrote_survives_a_power_cut_right_after_it(
    database: Database, file: Path, disk: Disk, tmp_path: Path
) -> None:
    for number in range(1, 6):
        await add(database, number)

        assert rows_after_power_cut(file, disk.safe_bytes, tmp_path / str(number)) == number


async def test_a_unit_ends_only_when_a_sync_that_began_after_its_commit_has_ended(
    database: Database, disk: Disk
) -> None:
    disk.released.clear()
    first = asyncio.create_task(add(database, 1))
    await disk.began.wait()
    second = asyncio.create_task(add(database, 2))
    await until_committed(database, 2)  # while the first one is on its way to the disk

    assert not first.done()
    assert not second.done()
    disk.released.set()
    await asyncio.gather(first, second)
    assert disk.syncs == 2


async def rows(database: Database) -> int:
    async with database.unit(read_only=True) as unit:
        return len(await pending_updates(unit, 100))


async def until_committed(database: Database, count: int) -> None:
    async with asyncio.timeout(30):
        while await rows(database) < count:  # noqa: ASYNC110 - the database does not call
            await asyncio.sleep(0.01)


async def test_units_that_end_together_share_a_sync(database: Database, disk: Disk) -> None:
    disk.released.clear()
    units = [asyncio.create_task(add(database, number)) for number in range(50)]
    await until_committed(database, len(units))
    disk.released.set()
    await asyncio.gather(*units)

    assert disk.syncs == 2  # the first one's, and one for all that came meanwhile


async def test_who_is_cancelled_while_waiting_takes_it_from_nobody_else(database: Database, disk: Disk) -> None:
    disk.released.clear()
    units = [asyncio.create_task(add(database, number)) for number in range(3)]
    await until_committed(database, len(units))
    units[1].cancel()
    await asyncio.sleep(0)
    disk.released.set()
    outcomes = await asyncio.gather(*units, return_exceptions=True)

    assert [type(outcome) for outcome in outcomes] == [type(None), asyncio.CancelledError, type(None)]


async def test_a_disk_that_fails_is_said_and_the_next_unit_tries_it_again(database: Database, disk: Disk) -> None:
    disk.error = OSError(5, "Input/output error")
    with pytest.raises(DatabaseUnavailable, match=r"may be lost \(Input/output error\); check the disk"):
        await add(database, 1)

    disk.error = None
    await add(database, 2)


async def test_units_that_only_read_force_nothing(database: Database, disk: Disk) -> None:
    await rows(database)

    assert disk.syncs == 0


async def test_a_log_that_is_gone_was_taken_into_the_database(database: Database, file: Path, disk: Disk) -> None:
    await database.close()  # the last connection takes the log along

    await GroupCommit(file).on_disk()

    assert disk.syncs == 0
