"""The inbox keeps every update once, until it is dealt with, and nothing of it afterwards."""

from datetime import timedelta

from db_clock import StoppedClock
from db_samples import ANNA, update
from stored import pending_updates

from db.database import Database


async def test_an_update_that_comes_twice_is_stored_once(database: Database) -> None:
    async with database.unit() as unit:
        first = await unit.inbox.add([update(1), update(2), update(1)])
    async with database.unit() as unit:
        second = await unit.inbox.add([update(2), update(3)])
        pending = await pending_updates(unit, 10)

    assert first == [1, 2]
    assert second == [3]
    assert [record.update_id for record in pending] == [1, 2, 3]


async def test_what_is_stored_comes_back_unchanged(database: Database, clock: StoppedClock) -> None:
    sent = update(5)
    async with database.unit() as unit:
        await unit.inbox.add([sent])
    async with database.unit(read_only=True) as unit:
        [record] = await pending_updates(unit, 10)

    assert record.payload == sent.payload
    assert record.chat_id == ANNA
    assert record.received_at == clock.now
    assert record.received_at.utcoffset() == timedelta(0)


async def test_nothing_to_add_is_nothing(database: Database) -> None:
    async with database.unit() as unit:
        assert await unit.inbox.add([]) == []


async def test_many_updates_at_once_are_all_stored(database: Database) -> None:
    async with database.unit() as unit:
        new = await unit.inbox.add([update(number) for number in range(5000)])

        assert new == list(range(5000))
        assert await unit.inbox.count_pending() == 5000


async def test_what_is_done_is_erased_but_still_known_as_a_duplicate(database: Database, clock: StoppedClock) -> None:
    async with database.unit() as unit:
        await unit.inbox.add([update(1)])
        await unit.inbox.finish(1)
        again = await unit.inbox.add([update(1)])
        record = await unit.inbox.get(1)

        assert again == []
        assert record is not None
        assert (record.payload, record.chat_id, record.done_at) == (None, None, clock.now)
        raw = await unit.connection.exec_driver_sql("SELECT payload IS NULL FROM inbox")
        assert raw.scalar() == 1


async def test_a_failure_is_final_and_its_reason_is_kept(database: Database) -> None:
    async with database.unit() as unit:
        await unit.inbox.add([update(1)])
        await unit.inbox.finish(1, "ValueError: no")
        given_up = await unit.inbox.get(1)

        assert given_up is not None
        assert (given_up.error, given_up.payload) == ("ValueError: no", None)
        assert await pending_updates(unit, 10) == []


async def test_done_is_final(database: Database, clock: StoppedClock) -> None:
    async with database.unit() as unit:
        await unit.inbox.add([update(1)])
        await unit.inbox.finish(1)
        before = await unit.inbox.get(1)
        clock.forward(minutes=1)
        await unit.inbox.finish(1)
        await unit.inbox.finish(1, "late")

        assert await unit.inbox.get(1) == before


async def test_attempts_are_counted(database: Database) -> None:
    async with database.unit() as unit:
        await unit.inbox.add([update(1)])

        assert [await unit.inbox.begin(1), await unit.inbox.begin(1)] == [1, 2]
        assert await unit.inbox.begin(99) == 0


async def test_what_is_done_is_not_begun_again(database: Database) -> None:
    async with database.unit() as unit:
        await unit.inbox.add([update(1)])
        await unit.inbox.finish(1)

        assert await unit.inbox.begin(1) == 0


async def test_what_is_pending_comes_in_the_order_of_arrival(database: Database, clock: StoppedClock) -> None:
    async with database.unit() as unit:
        await unit.inbox.add([update(900), update(901)])
        clock.forward(days=8)
        await unit.inbox.add([update(5), update(6)])
        in_order = await pending_updates(unit, 10)
        oldest = await pending_updates(unit, 3)

    assert [record.update_id for record in in_order] == [900, 901, 5, 6]
    assert oldest == in_order[:3]


async def test_pruning_deletes_only_what_is_done_and_old(database: Database, clock: StoppedClock) -> None:
    async with database.unit() as unit:
        await unit.inbox.add([update(1), update(2)])
        await unit.inbox.finish(1)
        later = clock.forward(days=1)
        await unit.inbox.add([update(3)])
        await unit.inbox.finish(3)
        deleted = await unit.inbox.prune(later)

        assert deleted == 1
        assert [await unit.inbox.get(number) is not None for number in (1, 2, 3)] == [False, True, True]


async def test_what_is_put_aside_goes_in_order_among_its_like_and_holds_up_nothing(
    database: Database, clock: StoppedClock
) -> None:
    async with database.unit() as unit:
        await unit.inbox.add([update(1), update(2), update(3)])
        for number in (1, 2):
            await unit.inbox.put_aside(number, "anna ~")
            await unit.inbox.later(number, clock.now + timedelta(minutes=number), "too many", failed=False)
        now = [one.update_id for one in await unit.inbox.due(10)]
        waiting = await unit.inbox.waiting("anna ~")
        await unit.inbox.finish(3)
        clock.forward(minutes=1)
        first = [one.update_id for one in await unit.inbox.due(10)]
        await unit.inbox.finish(1)
        then = [one.update_id for one in await unit.inbox.due(10)]

    assert (now, waiting) == ([3], [1, 2])
    assert (first, then) == ([1], [2])
