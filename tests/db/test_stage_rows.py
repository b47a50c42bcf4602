"""Of several rows with one key the first is due; a look costs the same however many are asleep behind it."""

import asyncio
from datetime import timedelta

import pytest
from db_clock import StoppedClock
from db_samples import ANNA, BEN, queued, update

from db.chat.inbox import IncomingUpdate
from db.database import Database
from db.unit import Unit

ASLEEP = 100_000


async def due(unit: Unit) -> list[int]:
    return [record.update_id for record in await unit.inbox.due(10)]


async def test_of_each_chat_the_first_is_due_and_the_next_when_it_is_through(database: Database) -> None:
    async with database.unit() as unit:
        await unit.inbox.add([update(1), update(2), update(3, BEN)])
        first = await due(unit)
        await unit.inbox.finish(1)
        then = await due(unit)
        await unit.inbox.add([update(4)])

        assert first == [1, 3]
        assert sorted(then) == sorted(await due(unit)) == [2, 3]


async def test_what_is_put_off_holds_up_its_chat_and_nobody_else(database: Database, clock: StoppedClock) -> None:
    async with database.unit() as unit:
        await unit.inbox.add([update(1), update(2), update(3, BEN)])
        await unit.inbox.later(1, clock.now + timedelta(seconds=30), "no network")
        before = await due(unit)
        clock.forward(seconds=30)
        record = await unit.inbox.get(1)

        assert (before, await due(unit)) == ([3], [3, 1])
        assert record is not None
        assert (record.next_try_at, record.tries, record.error) == (clock.now, 1, "no network")


async def test_a_photo_does_not_hold_up_what_comes_later_in_its_chat(database: Database) -> None:
    async with database.unit() as unit:
        photo = IncomingUpdate(1, ANNA, {}, f"{ANNA} files")
        await unit.inbox.add([photo, update(2), IncomingUpdate(3, ANNA, {}, f"{ANNA} files")])

        assert await due(unit) == [1, 2]


async def test_a_pause_that_was_asked_for_is_no_failed_try(database: Database, clock: StoppedClock) -> None:
    async with database.unit() as unit:
        await unit.inbox.add([update(1)])
        await unit.inbox.later(1, clock.now, "a pause", failed=False)
        record = await unit.inbox.get(1)

    assert record is not None
    assert (record.tries, record.error) == (0, "a pause")


async def test_whoever_is_behind_somebody_who_was_forgotten_wakes_up(database: Database) -> None:
    async with database.unit() as unit:
        for user_id in (ANNA, BEN):  # in one group
            job = await queued(unit, user_id=user_id)
            await unit.outbox.add(job.id, -77, user_id)
        before = [row.user_id for row in await unit.outbox.due(10)]
        await unit.users.forget(ANNA)
        asleep = await unit.outbox.due(10)
        woken = await unit.outbox.promote_all()

        assert (before, asleep, woken) == ([ANNA], [], 1)
        assert [row.user_id for row in await unit.outbox.due(10)] == [BEN]


async def test_two_bots_that_add_and_end_at_once_leave_nobody_asleep(database: Database) -> None:
    async def end(number: int) -> None:
        async with database.unit() as unit:
            await unit.inbox.finish(number)

    async def add(number: int) -> None:
        async with database.unit() as unit:
            await unit.inbox.add([update(number)])

    for number in range(0, 60, 2):
        await add(number)
        await asyncio.gather(end(number), add(number + 1))
        async with database.unit() as unit:
            assert await due(unit) == [number + 1]
            await unit.inbox.finish(number + 1)


@pytest.mark.slow
async def test_a_look_reads_none_of_those_that_are_asleep(database: Database, clock: StoppedClock) -> None:
    async with database.unit() as unit:
        await unit.inbox.add([update(1)])
        await unit.inbox.later(1, clock.now + timedelta(hours=1), "a pause")
        for start in range(2, ASLEEP, 20_000):
            await unit.inbox.add([update(number) for number in range(start, start + 20_000)])
        await unit.inbox.add([update(500_000, BEN)])
        awake = await unit.connection.exec_driver_sql("SELECT count(*) FROM inbox WHERE next_try_at IS NOT NULL")

        assert awake.scalar() == 2
        assert await due(unit) == [500_000]
        asleep = await unit.inbox.get(1)
        assert asleep is not None
        assert asleep.next_try_at == clock.now + timedelta(hours=1)
