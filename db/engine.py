"""Connections: how an SQLite file or a PostgreSQL server is opened, and what every connection is told first."""

from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, event
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from db.errors import DatabaseUnwritable
from db.url import is_sqlite

BUSY_S = 10  # how long SQLite waits for another process to finish writing
TURN_S = 30  # how long a unit waits for a connection
READERS = 4
SERVER_CONNECTIONS = 10


def write_engine(url: URL, *, foreign_keys: bool = True) -> AsyncEngine:
    """For units that write. SQLite lets one write at a time: one connection, given to those who wait in their order."""
    if not is_sqlite(url):
        return _server_engine(url)
    _make_folder(Path(url.database or ""))
    return _sqlite_engine(url, connections=1, begin="BEGIN IMMEDIATE", foreign_keys=foreign_keys, query_only=False)


def read_engine(url: URL) -> AsyncEngine:
    """For units that only read: they wait for nobody, and writing fails."""
    if not is_sqlite(url):
        return _server_engine(url, postgresql_readonly=True)
    return _sqlite_engine(url, connections=READERS, begin="BEGIN", foreign_keys=True, query_only=True)


def _server_engine(url: URL, **options: Any) -> AsyncEngine:
    return create_async_engine(
        url,
        pool_size=SERVER_CONNECTIONS,
        max_overflow=0,
        pool_timeout=TURN_S,
        pool_pre_ping=True,
        hide_parameters=True,  # errors are logged; what people wrote is not
        execution_options=options,
    )


def _sqlite_engine(url: URL, *, connections: int, begin: str, foreign_keys: bool, query_only: bool) -> AsyncEngine:
    engine = create_async_engine(
        url,
        pool_size=connections,
        max_overflow=0,
        pool_timeout=TURN_S,
        hide_parameters=True,
        connect_args={"timeout": BUSY_S},
    )

    @event.listens_for(engine.sync_engine, "connect")
    def tell(connection: Any, _entry: ConnectionPoolEntry) -> None:
        # The driver shall open no transactions of its own, `start` does:
        # https://docs.sqlalchemy.org/en/21/dialects/sqlite.html#serializable-isolation-savepoints-transactional-ddl
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout = {BUSY_S * 1000}")
        cursor.execute("PRAGMA journal_mode")
        if cursor.fetchone()[0] != "wal":
            cursor.execute("PRAGMA journal_mode = WAL")
        cursor.execute("PRAGMA synchronous = FULL")
        cursor.execute(f"PRAGMA foreign_keys = {'ON' if foreign_keys else 'OFF'}")
        cursor.execute(f"PRAGMA query_only = {'ON' if query_only else 'OFF'}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def start(connection: Connection) -> None:
        # IMMEDIATE waits for the write lock; one that is wanted in mid-transaction fails without waiting.
        connection.exec_driver_sql(begin)

    return engine


def _make_folder(file: Path) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DatabaseUnwritable(
            f"database {file.absolute()}: its folder cannot be created ({error.strerror}); set BREEDBOT_DATA_DIR"
        ) from error
