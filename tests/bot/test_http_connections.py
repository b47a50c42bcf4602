"""Connections that ask for nothing, or for half of something, keep neither others nor the end waiting."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from time import monotonic
from typing import Any

import pytest
from aiohttp import ClientSession, web

from bot.health import Health
from bot.http_server import CONNECTIONS, SECRET_HEADER, Waits, WebServer
from bot.metrics import Metrics

SECRET = "a-secret"
HALF_A_HEAD = b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Slow: "
HALF_A_BODY = (
    f"POST /hook HTTP/1.1\r\nHost: x\r\n{SECRET_HEADER}: {SECRET}\r\nContent-Length: 100\r\n\r\n".encode() + b'{"upd'
)
UNWANTED_BODY = b"POST /nobody HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{"


async def accept(_: dict[str, Any]) -> bool:
    return True


@pytest.fixture
async def server() -> AsyncIterator[WebServer]:
    async with WebServer("127.0.0.1", 0, Health(), Metrics()) as server:
        server.open_webhook("/hook", SECRET, accept)
        yield server


@asynccontextmanager
async def idle(port: int, count: int, sent: bytes = b"") -> AsyncIterator[list[asyncio.StreamReader]]:
    """So many connections that have sent this and are silent now."""
    pairs = [await asyncio.open_connection("127.0.0.1", port) for _ in range(count)]
    for _, writer in pairs:
        writer.write(sent)
    try:
        yield [reader for reader, _ in pairs]
    finally:
        for _, writer in pairs:
            writer.close()


async def status(port: int, path: str = "/healthz") -> int:
    async with (
        asyncio.timeout(5),
        ClientSession() as session,
        session.get(f"http://127.0.0.1:{port}{path}") as response,
    ):
        return response.status


@pytest.mark.parametrize("sent", [b"", HALF_A_HEAD, HALF_A_BODY, UNWANTED_BODY])
async def test_three_hundred_silent_connections_let_others_in_and_the_server_end(sent: bytes) -> None:
    server = WebServer("127.0.0.1", 0, Health(), Metrics())
    async with server:
        server.open_webhook("/hook", SECRET, accept)
        async with idle(server.port, 300, sent) as readers:
            answered = await status(server.port)
            left = server._runner.server.connections  # type: ignore[union-attr]
            open_now = sum(one.transport is not None for one in left)
            began = monotonic()
            await server.__aexit__(None, None, None)
            took_s = monotonic() - began
            assert readers

    assert answered == 200
    assert open_now <= CONNECTIONS
    assert took_s < 5


async def test_who_is_being_answered_outlives_who_asks_for_nothing(server: WebServer) -> None:
    begun, may_end = asyncio.Event(), asyncio.Event()

    async def slow(_: Any) -> Any:
        begun.set()
        await may_end.wait()
        return web.Response()

    server.mount("/slow", slow)
    asked = asyncio.ensure_future(status(server.port, "/slow"))
    await begun.wait()
    async with idle(server.port, CONNECTIONS + 10):
        may_end.set()

        assert await asked == 200


async def test_of_too_many_that_are_being_answered_the_oldest_is_told_to_come_again(server: WebServer) -> None:
    asked, all_asked, may_end = count(1), asyncio.Event(), asyncio.Event()

    async def slow(_: Any) -> Any:
        if next(asked) == CONNECTIONS:
            all_asked.set()
        await may_end.wait()
        return web.Response()

    server.mount("/slow", slow)
    ask = b"GET /slow HTTP/1.1\r\nHost: x\r\n\r\n"
    async with asyncio.timeout(30), idle(server.port, CONNECTIONS, ask) as first:
        await all_asked.wait()
        async with idle(server.port, 1, ask) as [another]:
            told = await first[0].read()
            may_end.set()
            answered = [await reader.readline() for reader in (first[1], another)]

    assert told.startswith(b"HTTP/1.1 429 ")
    assert b"Retry-After: " in told
    assert all(b" 200 " in one for one in answered)


async def test_a_head_that_does_not_come_is_not_waited_for() -> None:
    async with (
        WebServer("127.0.0.1", 0, Health(), Metrics(), Waits(head_s=0.2)) as server,
        idle(server.port, 3, HALF_A_HEAD) as readers,
        asyncio.timeout(10),
    ):
        assert [await reader.read() for reader in readers] == [b""] * 3


async def test_a_body_that_does_not_come_is_not_waited_for() -> None:
    async with WebServer("127.0.0.1", 0, Health(), Metrics(), Waits(body_s=0.2)) as server:
        server.open_webhook("/hook", SECRET, accept)
        async with idle(server.port, 1, HALF_A_BODY) as [reader], asyncio.timeout(10):
            assert b" 408 " in await reader.readline()
