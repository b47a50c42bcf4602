"""Work in lanes: in order within a lane, lanes in parallel, and a lane in trouble waits without holding a place.

Both the updates to handle and the answers to deliver are laned by chat.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from core.retry import Backoff

log = logging.getLogger(__name__)

Item = TypeVar("Item")


class Later(Exception):
    """The item could not be done now and stays at the head of its lane.

    Attributes:
        delay_s: when to try again; None = the lane's own exponential back-off.
    """

    def __init__(self, reason: str, delay_s: float | None = None) -> None:
        super().__init__(reason)
        self.delay_s = delay_s


@dataclass(slots=True)
class _Lane(Generic[Item]):
    items: deque[Item] = field(default_factory=deque)
    tries: int = 0  # of the item at the head
    timer: asyncio.TimerHandle | None = None


class KeyedQueue(Generic[Item]):
    """First come, first served within a key; ``places`` keys at a time.

    Args:
        work: does one item; raises `Later` to have it again. Any other exception is logged and the item dropped.
        places: how many items are worked on at once.
        backoff: of a lane in trouble.
    """

    def __init__(self, work: Callable[[Item], Awaitable[None]], places: int, backoff: Backoff) -> None:
        self._work = work
        self._places = places
        self._backoff = backoff
        self._queue: dict[int, _Lane[Item]] = {}
        self._ready: asyncio.Queue[int] = asyncio.Queue()
        self._sleeping_items = 0
        self._items = 0
        self._working: set[int] = set()
        self._changed = asyncio.Event()

    def put(self, key: int, item: Item) -> None:
        """Add an item at the end of its lane."""
        lane = self._queue.get(key)
        if lane is None:
            lane = self._queue[key] = _Lane()
            self._ready.put_nowait(key)
        elif lane.timer is not None:
            self._sleeping_items += 1
        lane.items.append(item)
        self._items += 1

    def drop(self, keys: Callable[[int], bool]) -> list[Item]:
        """Take out the items of these lanes, but for those in work. Returns: them."""
        dropped: list[Item] = []
        for key in [key for key in self._queue if keys(key)]:
            lane = self._queue[key]
            if lane.timer is not None:
                lane.timer.cancel()
                self._sleeping_items -= len(lane.items)
                del self._queue[key]
            kept = 1 if key in self._working else 0
            while len(lane.items) > kept:
                dropped.append(lane.items.pop())
                self._items -= 1
        self._changed.set()
        return dropped

    def busy(self, keys: Callable[[int], bool]) -> bool:
        """Whether an item of these lanes is in work."""
        return any(map(keys, self._working))

    @property
    def waiting(self) -> int:
        """Items in all lanes, those in work included."""
        return self._items

    @property
    def runnable(self) -> int:
        """Items in lanes that are not waiting out some trouble."""
        return self._items - self._sleeping_items

    async def run(self) -> None:
        """Work until cancelled."""
        try:
            async with asyncio.TaskGroup() as group:
                for place in range(self._places):
                    group.create_task(self._serve(), name=f"lane {place}")
        finally:
            for lane in self._queue.values():
                if lane.timer is not None:
                    lane.timer.cancel()

    async def room(self, soft_limit: int, hard_limit: int) -> None:
        """Wait until fewer than ``soft_limit`` items are runnable and fewer than ``hard_limit`` there at all."""
        while self.runnable >= soft_limit or self.waiting >= hard_limit:
            self._changed.clear()
            await self._changed.wait()

    async def drain(self) -> None:
        """Wait until nothing is runnable. Lanes waiting out some trouble are not waited for."""
        while self.runnable:
            self._changed.clear()
            await self._changed.wait()

    async def _serve(self) -> None:
        while True:
            key = await self._ready.get()
            lane = self._queue[key]
            if not lane.items:  # they were dropped
                del self._queue[key]
                continue
            self._working.add(key)
            try:
                await self._work(lane.items[0])
            except Later as trouble:
                self._sleep(key, lane, trouble)
                continue
            except Exception:
                log.exception("an item of lane %s was dropped", key)
            finally:
                self._working.discard(key)
            self._next(key, lane)

    def _next(self, key: int, lane: _Lane[Item]) -> None:
        lane.items.popleft()
        lane.tries = 0
        self._items -= 1
        if lane.items:
            self._ready.put_nowait(key)
        else:
            del self._queue[key]
        self._changed.set()

    def _sleep(self, key: int, lane: _Lane[Item], trouble: Later) -> None:
        lane.tries += 1
        delay_s = self._backoff.delay_s(lane.tries) if trouble.delay_s is None else trouble.delay_s
        log.info("lane %s waits %.1f s: %s", key, delay_s, trouble)
        self._sleeping_items += len(lane.items)
        lane.timer = asyncio.get_running_loop().call_later(delay_s, self._wake, key, lane)
        self._changed.set()

    def _wake(self, key: int, lane: _Lane[Item]) -> None:
        lane.timer = None
        self._sleeping_items -= len(lane.items)
        self._ready.put_nowait(key)
