"""A stage works on what is due: in order within a chat, chats in parallel, and what happened is noted until it is."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from operator import attrgetter
from pathlib import Path

import pytest
import pytest_asyncio
from sqlite_file import write_migrated
from stored import pending_updates

from bot.errors import Later
from bot.pipeline.stage import Mark, Stage
from core.retry import Backoff
from core.supervisor import Supervisor
from db.chat.inbox import Inbox, InboxRecord, IncomingUpdate
from db.database import Database
from db.errors import DatabaseUnavailable
from db.unit import Unit

ANNA, BEN = 1, 2
SOON = Backoff(base_s=0.01, cap_s=0.02)
Work = Callable[[InboxRecord], Awaitable[Mark]]


@pytest_asyncio.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    database = await Database.open(write_migrated(tmp_path / "bot.db"))
    yield database
    await database.close()


async def add(database: Database, *updates: tuple[int, int]) -> None:
    async with database.unit() as unit:
        await unit.inbox.add([IncomingUpdate(update_id, chat_id, {}) for update_id, chat_id in updates])


def done(row: InboxRecord) -> Mark:
    async def mark(unit: Unit) -> None:
        await unit.inbox.finish(row.update_id)

    return mark


@asynccontextmanager
async def running(
    database: Database, work: Work, places: int = 4, rows: Callable[[Unit], Inbox] = lambda unit: unit.inbox
) -> AsyncIterator[Stage[InboxRecord]]:
    async with Supervisor() as saves:
        stage = Stage("test", rows, attrgetter("update_id"), work, database, saves, places=places, backoff=SOON)
        task = asyncio.ensure_future(stage.run())
        yield stage
        task.cancel()
        await asyncio.wait((task,))
        saves.cancel()


async def until(holds: Callable[[], object]) -> None:
    async with asyncio.timeout(30):
        while not holds():  # noqa: ASYNC110 - nothing announces it
            await asyncio.sleep(0.001)


async def all_done(database: Database) -> None:
    async with asyncio.timeout(30):
        while True:
            async with database.unit(read_only=True) as unit:
                if not await unit.inbox.count_pending():
                    return
            await asyncio.sleep(0.005)


async def test_chats_go_in_parallel_and_each_in_its_order(database: Database) -> None:
    seen: list[int] = []
    both = asyncio.Barrier(2)

    async def work(row: InboxRecord) -> Mark:
        if row.update_id in {1, 2}:
            async with asyncio.timeout(20):
                await both.wait()  # comes to an end only if both are in work at once
        seen.append(row.update_id)
        return done(row)

    await add(database, (1, ANNA), (2, BEN), (3, ANNA), (4, ANNA))
    async with running(database, work):
        await all_done(database)

    assert [number for number in seen if number != 2] == [1, 3, 4]


async def test_what_fails_is_tried_again_and_says_why(database: Database) -> None:
    tries: list[int] = []

    async def work(row: InboxRecord) -> Mark:
        tries.append(row.tries)
        if len(tries) == 1:
            raise ValueError("oh")
        if len(tries) == 2:
            assert row.error == "ValueError: oh"
            raise Later("a pause", 0.01)
        return done(row)

    await add(database, (1, ANNA))
    async with running(database, work):
        await all_done(database)

    assert tries == [0, 1, 1], "a pause that was asked for is no failed try"


async def test_what_happened_is_not_done_again_when_it_cannot_be_noted(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[int] = []
    write, failures = database.write, iter((DatabaseUnavailable("full"), DatabaseUnavailable("full")))

    async def fails_twice(work: Callable[[Unit], Awaitable[object]]) -> object:
        if (error := next(failures, None)) is not None:
            raise error
        return await write(work)

    async def work(row: InboxRecord) -> Mark:
        sent.append(row.update_id)
        return done(row)

    await add(database, (1, ANNA))
    monkeypatch.setattr(database, "write", fails_twice)
    async with running(database, work):
        await all_done(database)

    assert sent == [1]


async def test_no_more_than_the_places_are_in_work(database: Database) -> None:
    at_once: list[int] = []

    async def work(row: InboxRecord) -> Mark:
        at_once.append(stage.in_work)
        await asyncio.sleep(0.001)
        return done(row)

    await add(database, *((number, number) for number in range(1, 30)))
    async with running(database, work, places=3) as stage:
        await all_done(database)

    assert max(at_once) == 3
    assert len(at_once) == 29


async def test_what_ends_while_a_look_is_under_way_is_not_begun_again(database: Database) -> None:
    begun: list[int] = []
    may_end, looked, go_on = asyncio.Event(), asyncio.Event(), asyncio.Event()

    class LateAnswers(Inbox):
        async def due(self, limit: int) -> list[InboxRecord]:
            found = await super().due(limit)
            if begun and not looked.is_set():
                looked.set()
                await go_on.wait()
            return found

    async def work(row: InboxRecord) -> Mark:
        begun.append(row.update_id)
        await may_end.wait()
        return done(row)

    await add(database, (1, ANNA))
    async with running(database, work, rows=lambda unit: LateAnswers(unit.connection, unit.clock)) as stage:
        await until(lambda: begun)
        stage.look()
        await looked.wait()
        may_end.set()
        await until(lambda: not stage.in_work)
        go_on.set()
        await stage.drain()

    assert begun == [1]


async def test_draining_works_off_what_is_due(database: Database) -> None:
    began, go_on = asyncio.Event(), asyncio.Event()

    async def work(row: InboxRecord) -> Mark:
        began.set()
        await go_on.wait()
        return done(row)

    await add(database, (1, ANNA), (2, ANNA))
    async with running(database, work) as stage:
        await began.wait()
        draining = asyncio.ensure_future(stage.drain())
        await asyncio.sleep(0.05)
        waited = not draining.done()
        go_on.set()
        await draining
        async with database.unit(read_only=True) as unit:
            left = [record.update_id for record in await pending_updates(unit, 10)]

    assert waited
    assert left == []


async def test_a_look_is_not_needed_for_what_another_process_stored(database: Database) -> None:
    async def work(row: InboxRecord) -> Mark:
        return done(row)

    async with running(database, work):
        await add(database, (1, ANNA))
        await all_done(database)


async def test_writes_of_many_tasks_share_a_transaction_and_one_that_fails_hurts_nobody(database: Database) -> None:
    transactions = 0
    unit_of = database.unit

    @asynccontextmanager
    async def counted(*, read_only: bool = False) -> AsyncIterator[Unit]:
        nonlocal transactions
        transactions += not read_only
        async with unit_of(read_only=read_only) as unit:
            yield unit

    database.unit = counted  # type: ignore[method-assign]

    async def write(number: int) -> int:
        async def work(unit: Unit) -> int:
            if number == 7:
                raise ValueError("this one")
            await unit.inbox.add([IncomingUpdate(number, number, {})])
            return number

        return await database.write(work)

    good = await asyncio.gather(*(write(number) for number in range(100, 140)))
    shared, transactions = transactions, 0
    mixed = await asyncio.gather(*(write(number) for number in range(10)), return_exceptions=True)
    async with unit_of(read_only=True) as unit:
        stored = await unit.inbox.count_pending()

    assert good == list(range(100, 140))
    assert shared <= 3
    assert [isinstance(one, ValueError) for one in mixed] == [number == 7 for number in range(10)]
    assert stored == 40 + 9
