"""The Bot API over HTTP: /bot<token>/<method> and /file/bot<token>/<path>, with the faults switched on."""

from __future__ import annotations

import asyncio
import logging
import secrets
from typing import Any

from aiohttp import web

from sandbox.api.arguments import Arguments
from sandbox.api.errors import ApiError, BadRequest, Conflict, NotFound, TooManyRequests, Unauthorized
from sandbox.api.methods import METHODS, method_name
from sandbox.api.request_body import read_arguments
from sandbox.faults import DOWNLOAD, FaultKind, FaultRule
from sandbox.state.world import World

_log = logging.getLogger(__name__)
_SERVER_ERRORS = {500: "Internal Server Error", 502: "Bad Gateway", 503: "Service Unavailable", 504: "Gateway Timeout"}


class ConnectionDropped(Exception):
    """The fault says: answer nothing."""


class OddlyAnswered(Exception):
    """The fault says: answer these bytes. `done`: they say that the call was done, and so it is."""

    def __init__(self, body: bytes) -> None:
        super().__init__()
        self.body = body
        self.done = body.startswith(b'{"ok": true')


class ApiRoutes:
    """Handlers for the application."""

    def __init__(self, world: World) -> None:
        self._world = world

    def add_to(self, app: web.Application) -> None:
        """Registers the paths."""
        app.router.add_route("*", "/bot{token}/{method}", self.call)
        app.router.add_get("/file/bot{token}/{path:.+}", self.download)

    async def call(self, request: web.Request) -> web.StreamResponse:
        """One method call; every outcome is JSON, unless a fault cuts the connection."""
        try:
            return web.json_response({"ok": True, "result": await self._call(request)})
        except ApiError as error:
            return _refusal(error)
        except OddlyAnswered as odd:
            return web.Response(body=odd.body, content_type="application/json")
        except ConnectionDropped:
            return _cut(request)
        except ConnectionError:  # the bot is gone, in the middle of its call
            return _cut(request)
        except Exception:  # noqa: BLE001 (the edge: a bug of ours is a 500 for the bot, as with Telegram)
            _log.exception("method %s failed", request.match_info["method"])
            return web.json_response(_server_error(500).to_json(), status=500)

    async def download(self, request: web.Request) -> web.StreamResponse:
        """The bytes of a file that getFile allowed."""
        try:
            self._check_token(request)
            struck = await self._before(DOWNLOAD, None)
            file = self._world.files.by_path(request.match_info["path"])
            if file is None or file.size_bytes > self._world.limits.download_bytes:
                raise NotFound
        except ApiError as error:
            return _refusal(error)
        except OddlyAnswered as odd:
            return web.Response(body=odd.body)
        except ConnectionDropped:
            return _cut(request)
        path = self._world.files.on_disk(file)
        if _drops_after(struck):
            return await _half(request, path.read_bytes())
        for rule in struck:
            if rule.kind is FaultKind.TRICKLE:
                return await _trickle(request, path.read_bytes(), rule.delay_s)
        return web.FileResponse(path, headers={"Content-Type": "application/octet-stream"})

    async def _call(self, request: web.Request) -> Any:
        self._check_token(request)
        name = method_name(request.match_info["method"])
        if name is None:
            raise NotFound
        args = await read_arguments(request, self._world.files, self._world.limits.upload_bytes)
        try:
            return await self._with_faults(name, args)
        finally:
            args.discard_files()

    async def _with_faults(self, name: str, args: Arguments) -> Any:
        try:
            struck = await self._before(name, args.chat_id_or_none())
        except OddlyAnswered as odd:
            if odd.done:
                await METHODS[name](self._world, args)
            raise
        if any(rule.kind is FaultKind.HASTY for rule in struck):
            args.values["timeout"] = 0
        try:
            result = await METHODS[name](self._world, args)
        except ApiError:
            if _drops_after(struck):
                raise ConnectionDropped from None
            raise
        if _drops_after(struck):
            self._world.faults.unheard.append(result)
            raise ConnectionDropped
        if any(rule.kind is FaultKind.PATHLESS for rule in struck):
            return {name: value for name, value in result.items() if name != "file_path"}
        return result

    async def _before(self, name: str, chat_id: int | None) -> list[FaultRule]:
        """Raises what is to happen instead of the call."""
        struck = self._world.faults.strike(name, chat_id)
        self._world.events.called()
        for rule in struck:
            if rule.kind is FaultKind.SLOW:
                await asyncio.sleep(rule.delay_s)
            elif rule.kind is FaultKind.TOO_MANY_REQUESTS:
                raise TooManyRequests(rule.retry_after)
            elif rule.kind is FaultKind.SERVER_ERROR:
                raise _server_error(rule.code)
            elif rule.kind is FaultKind.CONFLICT:
                raise Conflict(
                    "terminated by other getUpdates request; make sure that only one bot instance is running"
                )
            elif rule.kind is FaultKind.UNAVAILABLE:
                raise BadRequest("wrong file_id or the file is temporarily unavailable")
            elif rule.kind is FaultKind.NOT_FOUND:
                raise NotFound
            elif rule.kind is FaultKind.DROP_BEFORE:
                raise ConnectionDropped
            elif rule.kind is FaultKind.ODD:
                raise OddlyAnswered(self._world.faults.odd_answer())
        return struck

    def _check_token(self, request: web.Request) -> None:
        if not secrets.compare_digest(request.match_info["token"].encode(), self._world.token.encode()):
            raise Unauthorized


def _refusal(error: ApiError) -> web.Response:
    headers = {"Retry-After": str(error.parameters["retry_after"])} if "retry_after" in error.parameters else {}
    return web.json_response(error.to_json(), status=error.code, headers=headers)


def _server_error(code: int) -> ApiError:
    return ApiError(_SERVER_ERRORS.get(code, "Internal Server Error"), code=code)


def _drops_after(struck: list[FaultRule]) -> bool:
    return any(rule.kind is FaultKind.DROP_AFTER for rule in struck)


def _cut(request: web.Request) -> web.Response:
    """Resets the connection; the response is never sent."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


async def _trickle(request: web.Request, data: bytes, pause_s: float) -> web.StreamResponse:
    """The whole file, if anybody waits for so long."""
    response = web.StreamResponse(
        headers={"Content-Length": str(len(data)), "Content-Type": "application/octet-stream"}
    )
    await response.prepare(request)
    for at in range(len(data)):
        await response.write(data[at : at + 1])
        await asyncio.sleep(pause_s)
    return response


async def _half(request: web.Request, data: bytes) -> web.StreamResponse:
    """Promises the whole file and stops in the middle."""
    response = web.StreamResponse(
        headers={"Content-Length": str(len(data)), "Content-Type": "application/octet-stream"}
    )
    await response.prepare(request)
    await response.write(data[: len(data) // 2])
    if request.transport is not None:
        request.transport.close()
    return response
