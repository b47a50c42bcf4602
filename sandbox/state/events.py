"""What happens in the chats, told live to open pages (server-sent events) and to tests waiting for a message."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sandbox.state.messages import Message

Event = dict[str, Any]
_QUEUE_LIMIT = 1000  # a page that is this far behind is cut off; it reconnects and reads the whole state again


@dataclass(slots=True, eq=False)
class Subscriber:
    """One open page; `None` in the queue means: hang up."""

    user_id: int
    queue: asyncio.Queue[Event | None] = field(default_factory=lambda: asyncio.Queue(_QUEUE_LIMIT + 1))


@dataclass(slots=True, eq=False)
class _Waiter:
    wanted: Callable[[Message], bool]
    found: asyncio.Future[Message]


class Events:
    """Publishes to everybody concerned; never blocks the publisher."""

    def __init__(self) -> None:
        self._subscribers: set[Subscriber] = set()
        self._waiters: set[_Waiter] = set()
        self._listeners: set[Callable[[Message], None]] = set()
        self._answers: dict[str, asyncio.Event] = {}
        self._called = asyncio.Event()

    @contextmanager
    def subscribe(self, user_id: int) -> Iterator[Subscriber]:
        """Receives what this person may see."""
        subscriber = Subscriber(user_id)
        self._subscribers.add(subscriber)
        try:
            yield subscriber
        finally:
            self._subscribers.discard(subscriber)

    def publish(self, event: Event, to: Collection[int] | None = None) -> None:
        """To the pages of these people, or of everybody."""
        for subscriber in list(self._subscribers):
            if to is None or subscriber.user_id in to:
                self._put(subscriber, event)

    @contextmanager
    def listening(self, heard: Callable[[Message], None]) -> Iterator[None]:
        """Tells `heard` of every message that is new or edited while the block runs."""
        self._listeners.add(heard)
        try:
            yield
        finally:
            self._listeners.discard(heard)

    def message_changed(self, message: Message) -> None:
        """Wakes those who wait for a message like this one."""
        for heard in tuple(self._listeners):
            heard(message)
        for waiter in list(self._waiters):
            if not waiter.found.done() and waiter.wanted(message):
                waiter.found.set_result(message)

    async def wait_for_message(self, wanted: Callable[[Message], bool]) -> Message:
        """The first new or edited message that is wanted."""
        waiter = _Waiter(wanted, asyncio.get_running_loop().create_future())
        self._waiters.add(waiter)
        try:
            return await waiter.found
        finally:
            self._waiters.discard(waiter)

    def called(self) -> None:
        """Wakes those who wait for a method call."""
        called, self._called = self._called, asyncio.Event()
        called.set()

    async def next_call(self) -> None:
        """Until the bot calls any method."""
        await self._called.wait()

    def answered(self, query_id: str) -> None:
        """Wakes the test that pressed the button."""
        if query_id in self._answers:
            self._answers[query_id].set()

    async def wait_for_answer(self, query_id: str) -> None:
        """Until `answered` is called with this id."""
        event = self._answers.setdefault(query_id, asyncio.Event())
        try:
            await event.wait()
        finally:
            self._answers.pop(query_id, None)

    def hang_up(self) -> None:
        """Ends all streams: the server stops."""
        for subscriber in list(self._subscribers):
            self._end(subscriber)

    def _put(self, subscriber: Subscriber, event: Event) -> None:
        if subscriber.queue.qsize() >= _QUEUE_LIMIT:
            self._end(subscriber)
        else:
            subscriber.queue.put_nowait(event)

    def _end(self, subscriber: Subscriber) -> None:
        self._subscribers.discard(subscriber)
        subscriber.queue.put_nowait(None)
