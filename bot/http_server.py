"""The HTTP port: /healthz, /readyz, /metrics, the webhook where there is one, and what is mounted."""

import asyncio
import hmac
import json
import logging
import resource
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from types import TracebackType
from typing import Any, Self, TypeVar, cast

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from bot.errors import PortInUse
from bot.health import Health
from bot.metrics import CONTENT_TYPE, Metrics

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - https://core.telegram.org/bots/api#setwebhook
UPDATE_LIMIT_BYTES = 2**20
STOP_S = 1.5  # for what is in hand at the end; waited for twice at most
LINGER_S = 2.0  # for a body that nobody wants
BACKLOG = 64  # connections taken in one turn
CONNECTIONS = 256  # of the HTTP port; fewer where the process may open few files
TOO_MANY = b"HTTP/1.1 429 Too Many Requests\r\nRetry-After: 5\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"

Accept = Callable[[dict[str, Any]], Awaitable[bool]]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Waits:
    """How long a request may take to come, in seconds.

    Attributes:
        head_s: its head; a connection without any is closed then, too.
        body_s: its body.
        photo_s: its body, where that is a photo: as long as the slow line of a phone takes for it.
    """

    head_s: float = 30.0
    body_s: float = 10.0
    photo_s: float = 30.0


_WAITS = web.AppKey("waits", Waits)

http_log = logging.getLogger(f"{__name__}.http")


class WebServer:
    """``async with WebServer(host, port, health, metrics) as server:`` listens until the block is left.

    It is up before anything else, so that whoever watches sees "not ready, because …" instead of nothing.
    """

    def __init__(self, host: str, port: int, health: Health, metrics: Metrics, waits: Waits | None = None) -> None:
        self._host = host
        self._wanted_port = port
        self._health = health
        self._metrics = metrics
        self._waits = waits or Waits()
        self._webhook: tuple[str, str, Accept] | None = None
        self._mounted: dict[str, Handler] = {}
        self._runner: web.AppRunner | None = None
        self._listening: asyncio.Server | None = None
        self._limit = min(CONNECTIONS, resource.getrlimit(resource.RLIMIT_NOFILE)[0] // 4)
        self._busy: set[web.RequestHandler] = set()

    def open_webhook(self, path: str, secret: str, accept: Accept) -> None:
        """Take updates at this path. ``accept`` returns True once the update is committed, False to have it again."""
        self._webhook = (path, secret, accept)

    def close_webhook(self) -> None:
        """Refuse updates from now on; Telegram keeps them and tries again."""
        self._webhook = None

    def mount(self, prefix: str, handler: Handler) -> None:
        """From now on give every request for `/prefix`, or for what lies below it, to `handler`."""
        self._mounted[prefix] = handler

    def unmount(self, prefix: str) -> None:
        """From now on there is nothing: what the handler works with is about to be closed."""
        self._mounted.pop(prefix, None)

    @property
    def port(self) -> int:
        """Where it listens; differs from the wanted one if that was 0."""
        if self._listening is None:
            return self._wanted_port
        return int(self._listening.sockets[0].getsockname()[1])

    async def __aenter__(self) -> Self:
        """Listen. Raises: PortInUse."""
        app = web.Application(client_max_size=UPDATE_LIMIT_BYTES, middlewares=[self._noted])
        app[_WAITS] = self._waits
        app.router.add_get("/healthz", self._alive)
        app.router.add_get("/readyz", self._ready)
        app.router.add_get("/metrics", self._numbers)
        app.router.add_route("*", "/{path:.*}", self._other)
        http_log.addFilter(_not_http)
        self._runner = web.AppRunner(
            app, access_log=None, logger=http_log,
            keepalive_timeout=self._waits.head_s, lingering_time=LINGER_S, shutdown_timeout=STOP_S,
        )  # fmt: skip
        await self._runner.setup()
        listen = asyncio.get_running_loop().create_server
        try:
            connection = partial(self._connection, cast("web.Server", self._runner.server))
            self._listening = await listen(connection, self._host, self._wanted_port, backlog=BACKLOG)
        except OSError as error:
            await self._runner.cleanup()
            setting = f"BREEDBOT_HTTP_PORT={self._wanted_port}"
            raise PortInUse(
                f"{setting}: cannot listen on {self._host}:{self._wanted_port} ({error.strerror}); choose another port"
            ) from error
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._listening is not None:
            self._listening.close()
            self._listening = None
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    def _connection(self, server: web.Server) -> asyncio.Protocol:
        """For a new one; where there are too many, the oldest that ask for nothing give way, then the oldest."""
        there = [one for one in server.connections if one.transport is not None]
        too_many = max(0, len(there) + 1 - self._limit)
        for one in sorted(there, key=self._busy.__contains__)[:too_many]:
            if one in self._busy and one.transport is not None:  # nothing of its answer is out
                one.transport.write(TOO_MANY)
            one.force_close()
        return server()

    @web.middleware
    async def _noted(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Who is being answered keeps the connection."""
        self._busy.add(request.protocol)
        try:
            return await handler(request)
        finally:
            self._busy.discard(request.protocol)

    async def _alive(self, _: web.Request) -> web.Response:
        return web.json_response({"alive": True})

    async def _ready(self, _: web.Request) -> web.Response:
        problems = await self._health.problems()
        status = HTTPStatus.SERVICE_UNAVAILABLE if problems else HTTPStatus.OK
        state = {"state": "starting"} if self._health.starting else {}
        return web.json_response({"ready": not problems, **state, "problems": problems}, status=status)

    async def _numbers(self, _: web.Request) -> web.Response:
        return web.Response(body=self._metrics.page(), headers={"Content-Type": CONTENT_TYPE})

    async def _other(self, request: web.Request) -> web.StreamResponse:
        handler = self._mounted.get("/" + request.path.removeprefix("/").partition("/")[0])
        if handler is not None:
            return await handler(request)
        if request.method != "POST":
            return web.Response(status=HTTPStatus.NOT_FOUND)
        return await self._update(request)

    async def _update(self, request: web.Request) -> web.Response:
        if self._webhook is None or request.path != self._webhook[0]:
            return web.Response(status=HTTPStatus.NOT_FOUND)
        _, secret, accept = self._webhook
        status = await _taken(request, secret, accept)
        self._metrics.webhook_calls.labels(status.phrase.lower()).inc()
        return web.Response(status=status)


def _not_http(record: logging.LogRecord) -> bool:
    """Whether to log it: bytes that are no HTTP are everyday on an open port, and could fill logs with anything."""
    return record.exc_info is None or not isinstance(record.exc_info[1], HttpProcessingError)


async def body_of(request: web.Request) -> bytes:
    """All of it. Raises: HTTPRequestTimeout - it did not come in time, or at all; HTTPRequestEntityTooLarge."""
    return await _in_time(request.app[_WAITS].body_s, request.read())


async def photo_in_time(request: web.Request, reading: Awaitable[T]) -> T:
    """What `reading` makes of the body of this request. Raises: HTTPRequestTimeout - it did not come in time."""
    return await _in_time(request.app[_WAITS].photo_s, reading)


async def _in_time(wait_s: float, reading: Awaitable[T]) -> T:
    try:
        async with asyncio.timeout(wait_s):
            return await reading
    except (TimeoutError, ConnectionResetError):  # the latter: whoever sends it hung up, which is no fault of ours
        raise web.HTTPRequestTimeout from None


async def _taken(request: web.Request, secret: str, accept: Accept) -> HTTPStatus:
    shown = request.headers.get(SECRET_HEADER, "").encode(errors="surrogateescape")
    if not hmac.compare_digest(shown, secret.encode()):
        return HTTPStatus.FORBIDDEN
    try:
        update = json.loads(await body_of(request))
    except (ValueError, RecursionError):
        return HTTPStatus.BAD_REQUEST
    if not isinstance(update, dict):
        return HTTPStatus.BAD_REQUEST
    # Telegram repeats what is not answered with 2xx: 200 says that the update is in the database.
    return HTTPStatus.OK if await accept(update) else HTTPStatus.SERVICE_UNAVAILABLE
