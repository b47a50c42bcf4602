"""Connections: how an SQLite file or a PostgreSQL server is opened, and what every connection is told first."""

import sqlite3
from collections.abc import Iterable, Sequence
from operator import methodcaller
from pathlib import Path
from typing import Any, Final, NamedTuple, Self, cast

import aiosqlite
from sqlalchemy import URL, AdaptedConnection, Connection, Engine, create_engine, event
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry, NullPool, QueuePool

from db.errors import DatabaseUnavailable, DatabaseUnwritable
from db.url import is_sqlite, place

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
    return _file_engine(url, connections=1, begin="BEGIN IMMEDIATE", query_only=False)


def read_engine(url: URL, pool: int = SERVER_CONNECTIONS) -> AsyncEngine:
    """For units that only read: they wait for nobody, and writing fails."""
    if not is_sqlite(url):
        return server_engine(url, pool, STATEMENT_S, postgresql_readonly=True)
    return _file_engine(url, connections=READERS, begin="BEGIN", query_only=True)


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
    _prepare(engine, begin="BEGIN IMMEDIATE", foreign_keys=False, query_only=False, synchronous="FULL")
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


def _file_engine(url: URL, *, connections: int, begin: str, query_only: bool) -> AsyncEngine:
    engine = create_async_engine(
        url,
        async_creator=lambda: _Connection(url),
        pool_size=connections,
        max_overflow=0,
        # Every unit ends by COMMIT or ROLLBACK; another ROLLBACK would be another trip to the connection's thread.
        pool_reset_on_return=None,
        hide_parameters=True,
    )
    # What is committed is forced to the disk by `SharedSync`.
    _prepare(engine.sync_engine, begin=begin, foreign_keys=True, query_only=query_only, synchronous="NORMAL")
    return engine


class _Connection(aiosqlite.Connection):
    """Goes to its thread once a statement; SQLAlchemy alone would go four times."""

    def __init__(self, url: URL) -> None:
        super().__init__(lambda: sqlite3.connect(url.database or "", check_same_thread=False), 64)
        self._thread.daemon = True

    def cursor(self) -> "_Cursor":  # type: ignore[override]
        return _Cursor(self)

    async def run(self, many: bool, sql: str, parameters: Iterable[Any]) -> "_Done":
        """Raises sqlite3.Error."""
        done: _Done = await self._execute(_run, self._conn, many, sql, parameters)  # type: ignore[no-untyped-call]
        return done


class _Done(NamedTuple):
    """A statement's outcome, all of it."""

    rows: Sequence[Any]
    description: Any
    rowcount: int
    lastrowid: int | None


def _run(connection: sqlite3.Connection, many: bool, sql: str, parameters: Iterable[Any]) -> _Done:
    cursor = connection.executemany(sql, parameters) if many else connection.execute(sql, tuple(parameters))
    try:
        rows = cursor.fetchall() if cursor.description else []
        return _Done(rows, cursor.description, cursor.rowcount, cursor.lastrowid)
    finally:
        cursor.close()


class _Cursor:
    """What SQLAlchemy needs of an asynchronous one: `sqlalchemy.connectors.asyncio.AsyncIODBAPICursor`."""

    arraysize: Final = 1

    def __init__(self, connection: _Connection) -> None:
        self._connection = connection
        self._rows: Sequence[Any] = ()
        self.description: Any = None
        self.rowcount = -1
        self.lastrowid: int | None = None

    async def __aenter__(self) -> Self:
        return self

    async def execute(self, sql: str, parameters: Iterable[Any] = (), *, many: bool = False) -> None:
        done = await self._connection.run(many, sql, parameters)
        self._rows, self.description, self.rowcount, self.lastrowid = done

    async def executemany(self, sql: str, parameters: Iterable[Any]) -> None:
        await self.execute(sql, parameters, many=True)

    async def fetchall(self) -> Sequence[Any]:
        return self._rows

    async def close(self) -> None:
        """There is nothing to close."""


def connections(engine: AsyncEngine) -> int:
    """How many units can be open at once."""
    pool = engine.sync_engine.pool
    return pool.size() if isinstance(pool, QueuePool) else 1


def _prepare(engine: Engine, *, begin: str, foreign_keys: bool, query_only: bool, synchronous: str) -> None:
    """What every connection to an SQLite file is told when it is opened, and how its transactions begin."""

    @event.listens_for(engine, "connect")
    def tell(connection: Any, _entry: ConnectionPoolEntry) -> None:
        # The driver shall open no transactions of its own, `start` does:
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

    @event.listens_for(engine, "begin")
    def start(connection: Connection) -> None:
        # IMMEDIATE waits for the write lock; one that is wanted in mid-transaction fails without waiting.
        if connection.dialect.is_async:
            driver = cast("AdaptedConnection", connection.connection.dbapi_connection)
            driver.run_async(methodcaller("execute", begin))  # one trip to the connection's thread instead of three
        else:
            connection.exec_driver_sql(begin)
