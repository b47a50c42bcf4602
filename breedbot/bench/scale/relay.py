"""A line between two ports of this machine that can be cut."""

import asyncio
from typing import Self

CHUNK_BYTES = 2**16


class Relay:
    """Passes on what comes to its port, until it is cut: then connections end, and new ones are not answered."""

    def __init__(self, to_port: int) -> None:
        self._to_port = to_port
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.Task[None]] = set()
        self._whole = True
        self.port = 0

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self.cut()
        if self._server is not None:
            self._server.close()

    def cut(self) -> None:
        """Nothing passes from now on."""
        self._whole = False
        for connection in self._connections:
            connection.cancel()

    def mend(self) -> None:
        """New connections pass again."""
        self._whole = True

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not self._whole:
            writer.transport.abort()
            return
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - a callback of start_server is one
        self._connections.add(task)
        ends = [writer]
        try:
            there, here = await asyncio.open_connection("127.0.0.1", self._to_port)
            ends.append(here)
            async with asyncio.TaskGroup() as group:
                group.create_task(_pass_on(reader, here))
                group.create_task(_pass_on(there, writer))
        except (OSError, ExceptionGroup, asyncio.CancelledError):
            pass  # one of them is gone, or the line is cut
        finally:
            self._connections.discard(task)
            for end in ends:
                end.transport.abort()


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(CHUNK_BYTES):
        writer.write(data)
        await writer.drain()
    writer.write_eof()
