"""Bots tell the leader to look: an update that one of them stored is found a second sooner. Nothing depends on it."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any, Final, Protocol

from inference.queue.protocol import QueueError

LOOK: Final = "look"

log = logging.getLogger(__name__)


class Link(Protocol):
    """What `inference.queue.nats.connection.NatsLink` can do."""

    async def tell(self, subject: str, payload: bytes = b"") -> None:
        """Say something to whoever listens. Raises QueueError."""

    async def listen(self, subject: str, hear: Callable[[Any], Awaitable[None]]) -> Callable[[], Awaitable[None]]:
        """Hear what is said there, until what is returned is called."""


class Looks:
    """Said and heard by core NATS."""

    def __init__(self, link: Link) -> None:
        self._link = link

    async def say(self) -> None:
        """There is something new. Raises nothing."""
        try:
            await self._link.tell(LOOK)
        except QueueError as error:
            log.info("the leader is not told, and looks by itself: %s", error)

    async def run(self, look: Callable[[], None]) -> None:
        """Look whenever somebody says so, until cancelled."""

        async def hear(_: object) -> None:
            look()

        end = await self._link.listen(LOOK, hear)
        try:
            await asyncio.Event().wait()
        finally:
            await end()
