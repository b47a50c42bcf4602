"""Starts and stops the local chat's HTTP server."""

from __future__ import annotations

import asyncio
import contextlib
from typing import cast

from aiohttp import web
from aiohttp.typedefs import Middleware

from sandbox.api.routes import ApiRoutes
from sandbox.page_guard import page_guard
from sandbox.page_routes import PageRoutes
from sandbox.state.world import World
from sandbox.webhook_sender import WebhookSender

_STOP_S = 2.0
_BODY_BYTES = 2 * 2**20  # of JSON and form bodies; files are streamed and bounded by themselves


class Server:
    """Owns the listening socket and the webhook sender's task."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._runner: web.AppRunner | None = None
        self._webhook: asyncio.Task[None] | None = None

    async def start(self, host: str, port: int) -> int:
        """Binds to this host only; port 0 picks a free one. Returns the port."""
        app = web.Application(middlewares=[cast("Middleware", page_guard(host))], client_max_size=_BODY_BYTES)
        ApiRoutes(self._world).add_to(app)
        PageRoutes(self._world).add_to(app)
        app.on_shutdown.append(self._end_streams)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=_STOP_S)
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, host, port).start()
        except OSError:
            await self._runner.cleanup()
            raise
        # Not in a TaskGroup: start and stop may be called from different tasks. This object owns it until stop.
        self._webhook = asyncio.get_running_loop().create_task(WebhookSender(self._world).run())
        bound_port: int = self._runner.addresses[0][1]
        return bound_port

    async def stop(self) -> None:
        """No new calls, streams and polls end, calls in progress have two seconds."""
        if self._webhook is not None:
            self._webhook.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._webhook
        if self._runner is not None:
            await self._runner.cleanup()

    async def _end_streams(self, _app: web.Application) -> None:
        self._world.events.hang_up()
        self._world.updates.interrupt()
