"""Lanes keep order within a key, run keys side by side, and never let one key's trouble hold up another."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from bot.pipeline.keyed_queue import KeyedQueue, Later
from core.retry import Backoff

Item = tuple[str, int]
HURRIED = Backoff(0.001, 0.002)


@asynccontextmanager
async def running(work: Callable[[Item], Awaitable[None]], places: int = 3) -> AsyncIterator[KeyedQueue[Item]]:
    queue: KeyedQueue[Item] = KeyedQueue(work, places, HURRIED)
    task = asyncio.get_running_loop().create_task(queue.run())
    try:
        async with asyncio.timeout(60):
            yield queue
    finally:
        task.cancel()
        await asyncio.wait((task,))


async def test_items_of_a_lane_are_done_in_order() -> None:
    done: list[Item] = []

    async def work(item: Item) -> None:
        await asyncio.sleep(0)
        done.append(item)

    async with running(work) as queue:
        for number in range(20):
            queue.put(1, ("a", number))
            queue.put(2, ("b", number))
        await queue.drain()

    assert [number for name, number in done if name == "a"] == list(range(20))
    assert [number for name, number in done if name == "b"] == list(range(20))


async def test_an_item_in_trouble_stays_first_until_it_is_done() -> None:
    done: list[Item] = []
    failures = 5

    async def work(item: Item) -> None:
        nonlocal failures
        if item == ("a", 0) and failures:
            failures -= 1
            raise Later("not yet")
        done.append(item)

    async with running(work) as queue:
        queue.put(1, ("a", 0))
        queue.put(1, ("a", 1))
        await queue.room(soft_limit=99, hard_limit=1)

    assert done == [("a", 0), ("a", 1)]


async def test_lanes_in_trouble_hold_no_places() -> None:
    done = asyncio.Event()

    async def work(item: Item) -> None:
        if item[0] == "trouble":
            raise Later("for long", 60)
        done.set()

    async with running(work, places=1) as queue:
        for key in range(5):
            queue.put(key, ("trouble", key))
        queue.put(99, ("fine", 0))
        await done.wait()
        await queue.drain()

        assert queue.waiting == 5
        assert queue.runnable == 0


async def test_an_unexpected_error_drops_the_item_and_the_lane_goes_on() -> None:
    done: list[Item] = []

    async def work(item: Item) -> None:
        if item[1] == 0:
            raise ZeroDivisionError
        done.append(item)

    async with running(work) as queue:
        queue.put(1, ("a", 0))
        queue.put(1, ("a", 1))
        await queue.drain()

    assert done == [("a", 1)]


async def test_no_more_than_the_given_places_are_taken() -> None:
    at_once = most = 0

    async def work(_: Item) -> None:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        await asyncio.sleep(0.001)
        at_once -= 1

    async with running(work, places=4) as queue:
        for key in range(30):
            queue.put(key, ("a", key))
        await queue.drain()

    assert most == 4


async def test_room_is_waited_for() -> None:
    may = asyncio.Event()

    async def work(_: Item) -> None:
        await may.wait()

    async with running(work) as queue:
        for key in range(3):
            queue.put(key, ("a", key))
        waiting = asyncio.get_running_loop().create_task(queue.room(soft_limit=3, hard_limit=30))
        await asyncio.sleep(0)
        assert not waiting.done()
        may.set()
        await waiting

        assert queue.runnable < 3
