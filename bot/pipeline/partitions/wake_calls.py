"""Bots on one database wake each other: an update or a result is stored by one, and its chat may belong to another.

Only numbers travel, of rows that are committed. What gets lost on the way is found by the owner's next sweep.
"""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Collection
from typing import Any, Final, Protocol

from db.errors import DatabaseError
from db.partitions import PARTITIONS
from inference.queue.protocol import QueueError

UPDATES, ANSWERS = "updates", "answers"
LEASES: Final = "leases"
LIMIT: Final = 10_000  # heard and not looked at; the sweep finds the rest
AGAIN_S: Final = 0.5

log = logging.getLogger(__name__)


class Message(Protocol):
    """What NATS brings."""

    subject: str
    data: bytes


class Link(Protocol):
    """What `inference.queue.nats.connection.NatsLink` can do."""

    on_return: set[Callable[[], None]]

    async def tell(self, subject: str, payload: bytes = b"") -> None:
        """Say something to whoever listens. Raises QueueError."""

    async def listen(self, subject: str, hear: Callable[[Any], Awaitable[None]]) -> Callable[[], Awaitable[None]]:
        """Hear what is said there, until what is returned is called."""


class Heard(Protocol):
    """Who is woken."""

    async def updates(self, update_ids: Collection[int]) -> None:
        """These are in the inbox, in a chat of ours. Raises DatabaseError."""

    async def answers(self, job_ids: Collection[int]) -> None:
        """These have their results, in a chat of ours. Raises DatabaseError."""

    def owns_partition(self, partition: int) -> bool:
        """Whether we are concerned."""

    def missed(self) -> None:
        """Something may have been said that we did not hear."""

    def leases(self) -> None:
        """Somebody gave leases back."""


class NatsWakes:
    """`Wakes` by core NATS: told to all bots, and heard by the owner."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._waiting: dict[str, set[int]] = {UPDATES: set(), ANSWERS: set()}
        self._woken = asyncio.Event()

    async def updates(self, partition: int, update_ids: Collection[int]) -> None:
        """See `Wakes.updates`. Raises nothing."""
        await self._say(f"wake.{partition}", {UPDATES: sorted(update_ids)})

    async def answers(self, partition: int, job_ids: Collection[int]) -> None:
        """See `Wakes.answers`. Raises nothing."""
        await self._say(f"wake.{partition}", {ANSWERS: sorted(job_ids)})

    async def leases(self) -> None:
        """Have others look at the leases soon. Raises nothing."""
        await self._say(LEASES, {})

    async def run(self, heard: Heard) -> None:
        """Listen until cancelled."""

        async def wake(message: Message) -> None:
            partition = message.subject.rpartition(".")[2]
            if partition.isdecimal() and int(partition) < PARTITIONS and heard.owns_partition(int(partition)):
                self._note(message.data)

        async def look(_: Message) -> None:
            heard.leases()

        self._link.on_return.add(heard.missed)
        ends = [await self._link.listen("wake.*", wake), await self._link.listen(LEASES, look)]
        try:
            await self._attend(heard)
        finally:
            self._link.on_return.discard(heard.missed)
            for end in ends:
                await end()

    async def _attend(self, heard: Heard) -> None:
        while True:
            await self._woken.wait()
            self._woken.clear()
            try:
                await self._look(UPDATES, heard.updates)
                await self._look(ANSWERS, heard.answers)
            except DatabaseError as error:
                log.warning("what we were woken for is looked at later: %s", error)
                self._woken.set()
                await asyncio.sleep(AGAIN_S)

    async def _look(self, kind: str, look: Callable[[Collection[int]], Awaitable[None]]) -> None:
        ids = frozenset(self._waiting[kind])
        if ids:
            await look(ids)
            self._waiting[kind] -= ids

    def _note(self, data: bytes) -> None:
        try:
            said = json.loads(data)
            for kind, waiting in self._waiting.items():
                if len(waiting) < LIMIT:
                    waiting.update(int(one) for one in said.get(kind, ()))
        except (ValueError, TypeError, AttributeError):
            log.warning("a wake was not understood")
        self._woken.set()

    async def _say(self, subject: str, what: dict[str, list[int]]) -> None:
        try:
            await self._link.tell(subject, json.dumps(what).encode())
        except QueueError as error:
            log.info("others are not woken, and find it by themselves: %s", error)
