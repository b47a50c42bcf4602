"""Messages out of a JetStream consumer in whole batches, without taking more than was asked for.

nats-py has `fetch`, which loses what it holds when it is cancelled, and starts a task a message. Here a request first
takes what is there; only if that is nothing, one single message is waited for. So an idle worker has asked for one job
and not for a batch, and jobs are not hoarded by somebody who is busy.
https://github.com/nats-io/nats-architecture-and-design/blob/main/adr/ADR-13.md
"""

import asyncio
import json
import logging
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, Final

import nats.errors
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription

from inference.queue.nats.connection import NatsLink
from inference.queue.protocol import QueueAway

WAIT_S: Final = 30.0  # one request for the next message
BEAT_S: Final = 2.0  # while it waits, the server says so often that it still does
SILENCE_S: Final = 2.5 * BEAT_S
CLOSE_S: Final = 2.0
PAUSE_S: Final = 0.25  # after a request that failed
_BEAT, _NOTHING, _OVER, _CONFLICT = "100", "404", "408", "409"

log = logging.getLogger(__name__)


class NatsPull:
    """An inbox of our own for one consumer. One caller at a time."""

    def __init__(self, link: NatsLink, stream: str, consumer: str) -> None:
        self._link = link
        self._ask_at = f"$JS.API.CONSUMER.MSG.NEXT.{stream}.{consumer}"
        self._inbox = ""
        self._client: Client | None = None
        self._subscription: Subscription | None = None
        self._ready: deque[Msg] = deque()
        self._number = 0
        self._missing = 0  # messages that the request in hand may still bring
        self._event = asyncio.Event()
        self._failed = False
        self._closed = False

    async def fetch(self, limit: int, linger_s: float = 0.0) -> list[Msg]:
        """The next messages, 1 to `limit`; waits for the first, then at most `linger_s` more.

        A cancelled call takes nothing: what has arrived is there for the next one, or goes back when this is closed.
        Raises QueueAway or a nats error: ask again.
        """
        if self._subscription is None:
            await self._open()
        while not self._ready:
            await self._request({"batch": limit, "no_wait": True})
            if not self._ready:
                beat_ns, wait_ns = int(BEAT_S * 1e9), int(WAIT_S * 1e9)
                await self._request({"batch": 1, "expires": wait_ns, "idle_heartbeat": beat_ns})
                if self._ready and limit > 1:
                    await self._request({"batch": limit - len(self._ready), "no_wait": True})
        if linger_s > 0 and len(self._ready) < limit:
            await self._request({"batch": limit - len(self._ready), "expires": int(linger_s * 1e9)})
        return [self._ready.popleft() for _ in range(min(limit, len(self._ready)))]

    def held(self) -> Iterator[Msg]:
        """What has arrived and was not fetched."""
        return iter(tuple(self._ready))

    async def close(self) -> None:
        """Give back what was not fetched, and what may still come."""
        self._closed = True
        self._link.on_return.discard(self._lost)
        with suppress(nats.errors.Error, OSError, TimeoutError):
            async with asyncio.timeout(CLOSE_S):
                while self._ready:
                    await self._ready.popleft().nak()
                if self._subscription is not None:
                    await self._subscription.drain()  # type: ignore[no-untyped-call]

    async def _open(self) -> None:
        self._client = self._link.client
        self._inbox = self._client.new_inbox()
        self._subscription = await self._client.subscribe(f"{self._inbox}.*", cb=self._hear)
        self._link.on_return.add(self._lost)

    async def _request(self, wish: dict[str, Any]) -> None:
        """Ask, and return when all has come or nothing more will; or, if it waits for one, when the server is mute."""
        self._number += 1
        self._missing, self._failed = int(wish["batch"]), False
        if self._link.client is not self._client:
            raise QueueAway("the connection was opened anew, and the inbox went with the old one")
        await self._client.publish(self._ask_at, json.dumps(wish).encode(), f"{self._inbox}.{self._number}")
        while self._missing > 0:
            self._event.clear()
            try:
                async with asyncio.timeout(SILENCE_S):
                    await self._event.wait()
            except TimeoutError:
                log.info("no word from %s; asking again", self._ask_at)
                self._failed = True
                break
        self._missing = 0
        if self._failed:
            await asyncio.sleep(PAUSE_S)

    async def _hear(self, message: Msg) -> None:
        if self._closed:
            if message.reply:
                await message.nak()
            return
        status = (message.headers or {}).get("Status") if not message.data else None
        if status is None:
            self._ready.append(message)
            self._missing -= 1
        elif message.subject.rpartition(".")[2] == str(self._number):
            self._ends(status, (message.headers or {}).get("Description", ""))
        self._event.set()

    def _ends(self, status: str, why: str) -> None:
        if status == _BEAT:
            return
        self._missing = 0
        if status in {_NOTHING, _OVER}:
            return
        log.info("%s: %s %s", self._ask_at, status, why)
        self._failed = True
        if status != _CONFLICT or "Deleted" in why:
            self._link.look_again()

    def _lost(self) -> None:
        """The server that we asked does not know of it any more."""
        self._missing = 0
        self._event.set()
