"""One connection to NATS that comes back for ever, with what we keep there made ready."""

import asyncio
import logging
import ssl
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Final, Self

import nats.errors
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription
from nats.js import JetStreamContext

from inference.queue.nats.streams import NatsNames, prepare
from inference.queue.nats.url import NatsUrl
from inference.queue.protocol import QueueAway, QueueRefused

ANSWER_S: Final = 5.0  # for one request to JetStream; an election among three servers takes up to 4 s
TRY_AGAIN_S: Final = 1.0
CLOSE_S: Final = 5.0
PING_S: Final = 5  # a server that is gone without a word is noticed after two of them
HEARD_S: Final = 0.2
CALM_S: Final = 30.0  # between two log lines that say the same
PENDING_BYTES: Final = 2**23  # said while a connection is being restored

Hear = Callable[[Msg], Awaitable[None]]

log = logging.getLogger(__name__)


class NatsLink:
    """``async with NatsLink(url) as link:`` connects in the background and stays connected until the block is left.

    Nothing waits for the first connection but who asks for it: `ready`. Servers may be started later than we are.
    """

    def __init__(self, url: NatsUrl, name: str = "breedbot", *, prepares: bool = True) -> None:
        """`name` is shown by the servers' monitoring; `prepares`: make the streams where they are missing."""
        self.url = url
        self.names = NatsNames(url.prefix)
        self._name = name
        self._prepares = prepares
        self._group = asyncio.TaskGroup()
        self._keeper: asyncio.Task[None] | None = None
        self._client: _Client | None = None
        self._ears: dict[_Ear, None] = {}
        self._news = asyncio.Event()  # something of what `ready` waits for has changed
        self._prepared = False
        self._refusal = ""
        self._trouble = "no connection yet"
        self._again = asyncio.Event()
        self._told_at = -CALM_S
        self.on_return: set[Callable[[], None]] = set()
        """Called when a connection is there again after it was lost: what was asked of the old one is forgotten."""

    async def __aenter__(self) -> Self:
        """Begin to connect."""
        await self._group.__aenter__()
        self._keeper = self._group.create_task(self._keep(), name="nats link")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Say what is still to be said, for a bounded while, and close."""
        if self._keeper is not None:
            await end(self._keeper)
        await self._group.__aexit__(None, None, None)  # so that the block's own error is raised as it is
        client, self._client = self._client, None
        if client is not None:
            await client.hang_up()

    async def ready(self, timeout_s: float | None = None) -> None:
        """Wait until the servers are reached and the streams are there.

        Raises:
            QueueRefused: the servers do not know us, or keep no streams.
            QueueAway: that took longer than `timeout_s`.
        """
        try:
            async with asyncio.timeout(timeout_s):
                while not self._prepared:
                    if self._refusal:
                        raise QueueRefused(self._refusal)
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            raise QueueAway(f"NATS: {await self.health() or 'no answer'}") from None

    async def ready_for_ever(self) -> None:
        """The same, however long somebody has to mend that."""
        while not self._prepared:
            self._news.clear()
            await self._news.wait()

    async def health(self) -> str | None:
        """What is wrong with the connection right now, as `bot.health` asks; None = nothing."""
        if self._client is None or not self._client.is_connected:
            return self._trouble
        return None if self._prepared else self._refusal or self._trouble

    @property
    def client(self) -> Client:
        """The connection of now. Raises QueueAway before the first one."""
        if self._client is None:
            raise QueueAway(f"NATS: {self._trouble}")
        return self._client

    @property
    def js(self) -> JetStreamContext:
        """JetStream, by the connection of now. Raises QueueAway before the first one."""
        return self.client.jetstream(timeout=ANSWER_S)

    def look_again(self) -> None:
        """Streams seem to be missing: have them made again, soon."""
        self._again.set()

    async def tell(self, subject: str, payload: bytes = b"") -> None:
        """Say something to whoever listens right now, under our prefix. Raises QueueAway if it cannot even be sent."""
        try:
            await self.client.publish(self.names.core(subject), payload)
        except nats.errors.Error as error:
            raise QueueAway(f"NATS: {error}") from error

    async def ask(self, subject: str, payload: bytes, timeout_s: float) -> Msg:
        """Have one of those who listen answer. Raises QueueAway: nobody listens, or not in time."""
        try:
            return await self.client.request(self.names.core(subject), payload, timeout=timeout_s)
        except nats.errors.Error as error:
            raise QueueAway(f"NATS: {error}") from error

    async def listen(
        self, subject: str, hear: Hear, group: str = "", limit: int = 1000
    ) -> Callable[[], Awaitable[None]]:
        """Hear what is told under our prefix, one after the other; of a `group` only one hears it.

        What comes while `limit` wait is dropped. Returns: what ends it.
        """
        ear = _Ear(self.names.core(subject), hear, group, limit)
        self._ears[ear] = None
        if self._client is not None:
            await ear.put_on(self._client)

        async def end() -> None:
            self._ears.pop(ear, None)
            if ear.subscription is not None:
                with suppress(nats.errors.Error):
                    await ear.subscription.unsubscribe()

        return end

    async def _keep(self) -> None:
        while True:
            client = self._client = await self._connected()
            try:
                for ear in tuple(self._ears):
                    await ear.put_on(client)
            except nats.errors.Error as error:
                self._say(f"lost again: {error}")
            self._returned()
            await self._until_closed(client)
            await client.hang_up()

    async def _connected(self) -> "_Client":
        while True:
            client = _Client(encrypted=self.url.encrypted)
            try:
                await client.connect(**self._options())
            except asyncio.CancelledError:
                await client.hang_up()
                raise
            except (nats.errors.Error, OSError, ValueError) as error:  # a file that cannot be read, for example
                self._refused(f"{error}")
                await client.hang_up()
                await asyncio.sleep(TRY_AGAIN_S)
            else:
                return client

    async def _until_closed(self, client: Client) -> None:
        """Have the streams made whenever they may be missing, until the client gives up for good."""
        while not client.is_closed:
            self._again.clear()
            try:
                if self._prepares:
                    await prepare(self.js, self.url)
            except (nats.errors.Error, QueueAway, TimeoutError) as error:
                self._trouble = f"streams cannot be prepared: {error}"
                self._say(self._trouble)
                self._prepared = False
                await asyncio.sleep(TRY_AGAIN_S)
            else:
                self._prepared = True
                self._news.set()
                await self._again.wait()

    def _options(self) -> dict[str, Any]:
        url = self.url
        return {
            "servers": list(url.servers), "name": self._name, "max_reconnect_attempts": -1,
            "reconnect_time_wait": TRY_AGAIN_S, "ping_interval": PING_S, "pending_size": PENDING_BYTES,
            "error_cb": self._on_error, "disconnected_cb": self._on_loss, "reconnected_cb": self._on_return,
            "closed_cb": self._on_end, "user": url.user, "password": url.password, "token": url.token,
            "tls": ssl.create_default_context(cafile=url.ca) if url.encrypted else None,
            "user_credentials": str(url.creds) if url.creds is not None else None,
            "nkeys_seed": str(url.nkey) if url.nkey is not None else None,
        }  # fmt: skip

    async def _on_error(self, error: Exception) -> None:
        text = str(error) or type(error).__name__
        self._trouble = text
        if any(word in text.lower() for word in ("authorization", "authentication", "certificate", "encrypted")):
            self._refused(text)
        elif not isinstance(error, nats.errors.UnexpectedEOF):  # `_on_loss` says so
            self._say(text)

    async def _on_loss(self) -> None:
        if self._client is not None:
            log.warning("NATS: connection lost")

    async def _on_return(self) -> None:
        self._again.set()  # servers that come back may have lost their disks
        self._returned()

    async def _on_end(self) -> None:
        self._again.set()

    def _returned(self) -> None:
        self._refusal = ""
        log.info("NATS: connected")
        for call in tuple(self.on_return):
            call()

    def _refused(self, text: str) -> None:
        self._refusal = f"NATS: {text}"
        self._news.set()
        self._say(text)

    def _say(self, text: str) -> None:
        """Once in a while: whoever is away is asked every second."""
        if time.monotonic() - self._told_at >= CALM_S:
            self._told_at = time.monotonic()
            log.warning("NATS: %s; trying on", text)


class _Client(Client):
    """nats-py, which says user and password in the clear where a server does not ask for encryption; we do not."""

    def __init__(self, *, encrypted: bool) -> None:
        super().__init__()
        self._encrypted = encrypted

    def _connect_command(self) -> bytes:
        if self._encrypted and not self._server_info.get("tls_required"):
            raise nats.errors.Error("the server takes no encrypted connections, and this URL wants one")
        return super()._connect_command()

    async def hang_up(self) -> None:
        """Say what is still to be said, for a bounded while, and close."""
        with suppress(nats.errors.Error, OSError, TimeoutError):
            async with asyncio.timeout(CLOSE_S):
                if self.is_connected:
                    await self.flush(timeout=2)
                await self.close()
        if self._transport is not None:  # it was cut off in the middle of a try to connect
            self._transport.close()  # type: ignore[no-untyped-call]


@dataclass(slots=True, eq=False)
class _Ear:
    """What is heard at one subject, by whichever connection there is."""

    subject: str
    hear: Hear
    group: str
    limit: int
    subscription: Subscription | None = None

    async def put_on(self, client: Client) -> None:
        cb, limit = self._safely, self.limit
        self.subscription = await client.subscribe(self.subject, self.group, cb=cb, pending_msgs_limit=limit)

    async def _safely(self, message: Msg) -> None:
        try:
            await self.hear(message)
        except Exception:
            log.exception("what was said at %s could not be dealt with", self.subject)


async def end(*tasks: asyncio.Task[None]) -> None:
    """Cancel, until they have heard it: `asyncio.wait_for`, in nats-py, loses a cancellation that comes with an answer.

    https://github.com/python/cpython/issues/86296, mended in Python 3.12
    """
    open_tasks = set(tasks)
    while open_tasks:
        for task in open_tasks:
            task.cancel()
        _, open_tasks = await asyncio.wait(open_tasks, timeout=HEARD_S)
