"""Connections: how an SQLite file or a PostgreSQL server is opened, what every connection is told first, how calls to
it end, and what its errors mean.
"""

import asyncio
import sqlite3
from collections.abc import Awaitable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any, Self, TypeVar

import aiosqlite
from sqlalchemy import URL, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry, NullPool, QueuePool

from db.errors import (
    DatabaseBusy,
    DatabaseCorrupt,
    DatabaseError,
    DatabaseFull,
    DatabaseUnavailable,
    DatabaseUnwritable,
)
from db.url import is_sqlite, place

T = TypeVar("T")

BUSY_S = 10  # how long SQLite waits for another process to finish writing
TURN_S = 30  # how long a unit waits for a connection
READERS = 4
SERVER_CONNECTIONS = 10
CONNECT_S = 5.0  # a server that is away shall be missed soon
STATEMENT_S = 30.0  # one that does not answer any more is given up; no statement of ours takes a second
# A bot that vanished with its machine shall not hold locks: https://www.postgresql.org/docs/current/runtime-config-client.html
_TOLD = {"application_name": "breedbot", "idle_in_transaction_session_timeout": "60000", "tcp_keepalives_idle": "10"}


def write_engine(url: URL, pool: int = SERVER_CONNECTIONS) -> AsyncEngine:
    """For units that write. SQLite lets one write at a time: one connection, given to those who wait in their order.

    `pool`: connections to a server.
    """
    if not is_sqlite(url):
        return server_engine(url, pool, STATEMENT_S)
    return _file_engine(url, connections=1, query_only=False)


def read_engine(url: URL, pool: int = SERVER_CONNECTIONS) -> AsyncEngine:
    """For units that only read: they wait for nobody, and writing fails."""
    if not is_sqlite(url):
        return server_engine(url, pool, STATEMENT_S, postgresql_readonly=True)
    return _file_engine(url, connections=READERS, query_only=True)


def migration_engine(url: URL) -> Engine:
    """For changing the tables of an SQLite file, without an event loop.

    Without foreign keys, which cannot be switched off later: SQLite changes a table by copying it and dropping the old
    one, and dropping it would delete what refers to it.
    """
    file = Path(url.database or "")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DatabaseUnwritable(
            f"database {place(url)}: its folder cannot be created ({error.strerror}); set BREEDBOT_DATA_DIR"
        ) from error
    engine = create_engine(url.set(drivername="sqlite"), poolclass=NullPool, hide_parameters=True)
    _prepare(engine, foreign_keys=False, query_only=False, synchronous="FULL")
    return engine


def server_engine(
    url: URL, pool: int = SERVER_CONNECTIONS, statement_s: float | None = None, **options: Any
) -> AsyncEngine:
    """For a PostgreSQL server. `statement_s`: for one statement, None = any time; `options`: of every execution."""
    try:
        return create_async_engine(
            url,
            pool_size=pool,
            max_overflow=0,
            pool_pre_ping=True,
            connect_args={"timeout": CONNECT_S, "command_timeout": statement_s, "server_settings": dict(_TOLD)},
            hide_parameters=True,  # errors are logged; what people wrote is not
            execution_options=options,
        )
    except ModuleNotFoundError as error:
        raise DatabaseUnavailable(
            f"database {place(url)} needs the package {error.name}: pip install {error.name}"
        ) from error


def _file_engine(url: URL, *, connections: int, query_only: bool) -> AsyncEngine:
    engine = create_async_engine(
        url,
        async_creator=lambda: _Connection(url),
        pool_size=connections,
        max_overflow=0,
        # Every unit ends by COMMIT or ROLLBACK; another ROLLBACK would be another trip to the connection's thread.
        pool_reset_on_return=None,
        hide_parameters=True,
    )
    # What is committed is forced to the disk by `GroupCommit`.
    _prepare(engine.sync_engine, foreign_keys=True, query_only=query_only, synchronous="NORMAL")
    return engine


_HERE: ContextVar[bool] = ContextVar("whether SQLite is called in the event loop's own thread", default=False)


@contextmanager
def here() -> Iterator[None]:
    """Inside, SQLite is called without a trip to its thread: where it waits for no lock, and for no disk for long."""
    before = _HERE.set(True)
    try:
        yield
    finally:
        _HERE.reset(before)


class _Connection(aiosqlite.Connection):
    """Goes to its thread once a statement; SQLAlchemy alone would go four times."""

    def __init__(self, url: URL) -> None:
        super().__init__(lambda: sqlite3.connect(url.database or "", check_same_thread=False), 64)
        self._thread.daemon = True

    async def _execute(self, fn: Any, *args: Any, **kwargs: Any) -> Any:
        if _HERE.get():
            return fn(*args, **kwargs)
        return await super()._execute(fn, *args, **kwargs)  # type: ignore[no-untyped-call]

    def cursor(self) -> "_Cursor":  # type: ignore[override]
        return _Cursor(self, self._conn.cursor())


class _Cursor(aiosqlite.Cursor):
    """Has fetched all rows when a statement is done, and holds nothing that would have to be closed in the thread."""

    _rows: Sequence[Any] = ()

    async def execute(self, sql: str, parameters: Iterable[Any] | None = None) -> Self:
        self._rows = await self._execute(_rows_of, self._cursor, sql, parameters)  # type: ignore[no-untyped-call]
        return self

    async def fetchall(self) -> Sequence[Any]:
        return self._rows

    async def close(self) -> None:
        """There is nothing to close."""


def _rows_of(cursor: sqlite3.Cursor, sql: str, parameters: Iterable[Any] | None) -> Sequence[Any]:
    return cursor.execute(sql, tuple(parameters or ())).fetchall()


def connections(engine: AsyncEngine) -> int:
    """How many units can be open at once."""
    pool = engine.sync_engine.pool
    return pool.size() if isinstance(pool, QueuePool) else 1


def _prepare(engine: Engine, *, foreign_keys: bool, query_only: bool, synchronous: str) -> None:
    """What every connection to an SQLite file is told when it is opened."""

    @event.listens_for(engine, "connect")
    def tell(connection: Any, _entry: ConnectionPoolEntry) -> None:
        # The driver shall open no transactions of its own: who wants one says BEGIN.
        # https://docs.sqlalchemy.org/en/21/dialects/sqlite.html#serializable-isolation-savepoints-transactional-ddl
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout = {BUSY_S * 1000:.0f}")
        cursor.execute("PRAGMA journal_mode")
        if cursor.fetchone()[0] != "wal":
            cursor.execute("PRAGMA journal_mode = WAL")
        cursor.execute(f"PRAGMA synchronous = {synchronous}")
        cursor.execute(f"PRAGMA foreign_keys = {'ON' if foreign_keys else 'OFF'}")
        cursor.execute(f"PRAGMA query_only = {'ON' if query_only else 'OFF'}")
        cursor.close()


async def finish(work: Awaitable[T]) -> T:
    """Run a call to the end even if the caller is cancelled meanwhile; the cancellation is raised then.

    A call that is cut off leaves a statement that its thread still runs, on a connection that nobody holds any more; on
    SQLite it may take the write lock along. So single calls, short and bounded, are finished before they are cancelled.
    """
    if _HERE.get():
        return await work  # in one go
    task = asyncio.ensure_future(work)
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled is None:
        return task.result()
    if not task.cancelled():
        task.exception()  # seen: the caller is told of the cancellation instead
    raise cancelled


@contextmanager
def explained(place: str, *, alone: bool = False) -> Iterator[None]:
    """What goes wrong inside with the database at `place` is raised as one of our errors, if it is one.

    An OSError is the database's only where that is `alone` inside; else it may come from anything that a unit does.
    """
    try:
        yield
    except (SQLAlchemyError, sqlite3.Error, OSError) as error:
        known = database_error(error, place)
        if known is None or (isinstance(error, OSError) and not alone):
            raise
        raise known from error


# Primary result codes, https://www.sqlite.org/rescode.html; the extended code keeps the primary one in its low byte.
_SQLITE: dict[int, tuple[type[DatabaseError], str]] = {
    sqlite3.SQLITE_BUSY: (DatabaseBusy, "is locked by another process; stop the other one or try again"),
    sqlite3.SQLITE_LOCKED: (DatabaseBusy, "is locked by another connection; try again"),
    sqlite3.SQLITE_FULL: (DatabaseFull, "cannot grow: the disk is full; free some space and start again"),
    sqlite3.SQLITE_CORRUPT: (DatabaseCorrupt, "is damaged; restore a backup or move the file away"),
    sqlite3.SQLITE_NOTADB: (DatabaseCorrupt, "is not an SQLite database; move the file away or choose another one"),
    sqlite3.SQLITE_CANTOPEN: (DatabaseUnwritable, "cannot be opened; check that its folder exists and is writable"),
    sqlite3.SQLITE_READONLY: (DatabaseUnwritable, "cannot be written; check the rights of the file and its folder"),
    sqlite3.SQLITE_PERM: (DatabaseUnwritable, "cannot be accessed; check the rights of the file and its folder"),
    sqlite3.SQLITE_IOERR: (DatabaseUnavailable, "cannot be read or written (disk I/O error); check the disk"),
}


# SQLSTATE or its class, https://www.postgresql.org/docs/current/errcodes-appendix.html
_POSTGRESQL: dict[str, tuple[type[DatabaseError], str]] = {
    "25006": (DatabaseUnwritable, "is read-only here"),
    "40": (DatabaseBusy, "rolled the unit back in favour of another; try again"),
    "55P03": (DatabaseBusy, "is locked; try again"),
    "53100": (DatabaseFull, "cannot grow: the disk is full; free some space"),
    "53": (DatabaseBusy, "has no resources left, perhaps connections; try again"),
    "3D000": (DatabaseUnavailable, "does not exist on that server; create it"),
    "28": (DatabaseUnavailable, "does not let this user in; check name and password"),
    "57P": (DatabaseUnavailable, "is shutting down or starting; try again"),
    "08": (DatabaseUnavailable, "cannot be reached"),
}


def database_error(error: BaseException, place: str) -> DatabaseError | None:
    """The error of our tree that `error` means, or None if it means a mistake in the code.

    `place` is the database as people know it: a file, or a URL without its password.
    """
    if isinstance(error, PoolTimeoutError):
        return DatabaseBusy(f"database {place}: waited too long for a connection; units overlap or one never ends")
    if isinstance(error, OSError):
        return DatabaseUnavailable(f"database {place} cannot be reached: {str(error) or 'no answer in time'}")
    cause = error.orig if isinstance(error, DBAPIError) else error
    if known := _known(cause):
        kind, advice = known
        return kind(f"database {place} {advice} ({cause})")
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return DatabaseUnavailable(f"database {place} went away: {cause}")
    return None


def _known(cause: BaseException | None) -> tuple[type[DatabaseError], str] | None:
    """What the driver's error code says, if it is one that we have an answer to."""
    if (code := getattr(cause, "sqlite_errorcode", None)) is not None:
        return _SQLITE.get(code & 0xFF)
    state = str(getattr(cause, "sqlstate", None) or "")
    return next((_POSTGRESQL[state[:n]] for n in (5, 3, 2) if state[:n] in _POSTGRESQL), None)
