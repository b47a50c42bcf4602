"""A web server on localhost that gives files, and can be told to misbehave."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web


@dataclass
class FileServer:
    """Faults are taken one an answer; where there are none, it gives what it was asked for.

    A fault is a status, or a number of bytes after which the connection is cut.
    """

    files: dict[str, bytes]
    ranges: bool = True
    faults: list["Fault"] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    url: str = ""
    stalled: asyncio.Event = field(default_factory=asyncio.Event)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        wanted = request.headers.get("Range", "")
        self.asked.append(f"{request.match_info['name']} {wanted}".strip())
        fault = self.faults.pop(0) if self.faults else Fault()
        if fault.status:
            return web.Response(status=fault.status)
        content = self.files.get(request.match_info["name"])
        if content is None:
            return web.Response(status=404)
        start = int(wanted.removeprefix("bytes=").removesuffix("-")) if wanted and self.ranges else 0
        response = web.StreamResponse(status=206 if wanted and self.ranges else 200)
        if response.status == 206:
            response.headers["Content-Range"] = f"bytes {start}-{len(content) - 1}/{len(content)}"
        if fault.declares_length:
            response.content_length = len(content) - start
        await response.prepare(request)
        await response.write(content[start:][: fault.cut_after_bytes])
        if fault.stalls:
            self.stalled.set()
            await asyncio.sleep(60)
        if fault.cut_after_bytes is not None and request.transport is not None and fault.declares_length:
            request.transport.close()
        return response


@dataclass(frozen=True)
class Fault:
    """What goes wrong with one answer."""

    status: int = 0
    cut_after_bytes: int | None = None
    stalls: bool = False
    declares_length: bool = True


@asynccontextmanager
async def serving(files: dict[str, bytes]) -> AsyncIterator[FileServer]:
    server = FileServer(files)
    app = web.Application()
    app.router.add_get("/dogs/{name}", server.answer)
    runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    server.url = f"http://127.0.0.1:{runner.addresses[0][1]}/dogs"
    try:
        yield server
    finally:
        await runner.cleanup()
