"""The database: opened once, it hands out units of work."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Self

from sqlalchemy import URL, text
from sqlalchemy.ext.asyncio import AsyncConnection

from core.clock import Clock, utc_now
from db.engine import SERVER_CONNECTIONS, TURN_S, connections, read_engine, write_engine
from db.errors import DatabaseBusy, explained
from db.group_commit import GroupCommit
from db.migrate import check
from db.uncancelled import finish, in_time
from db.unit import Unit
from db.url import database_url, is_sqlite, place


class Database:
    """Open it once a process, close it last."""

    def __init__(self, url: URL, clock: Clock = utc_now, pool: int = SERVER_CONNECTIONS) -> None:
        self.url = url
        self._clock = clock
        self._writers = write_engine(url, pool)
        self._readers = read_engine(url, pool)
        self._sync = GroupCommit(Path(place(url))) if is_sqlite(url) else None  # a server does that itself
        # Units wait here, where they can be cancelled, and find a free connection in the pool.
        self._write_turns = asyncio.Semaphore(connections(self._writers))
        self._read_turns = asyncio.Semaphore(connections(self._readers))

    @classmethod
    async def open(cls, url: str, *, clock: Clock = utc_now, pool: int = SERVER_CONNECTIONS) -> Self:
        """Open a database whose tables are up to date; `db.migrate.upgrade` makes them so.

        `pool`: connections to a server for units that write, and as many again for those that only read.

        Raises BadDatabaseUrl, SchemaTooOld, SchemaTooNew or another DatabaseError that says what to do.
        """
        await check(url)
        database = cls(database_url(url), clock, pool)
        try:
            await database.ping()
        except BaseException:
            await database.close()
            raise
        return database

    @asynccontextmanager
    async def unit(self, *, read_only: bool = False) -> AsyncGenerator[Unit]:
        """One transaction: committed at the end and then on the disk, rolled back on an exception (cancellation too).

        Never open a second one inside: on SQLite it would wait for the first. `read_only` ones wait for nobody.
        Raises DatabaseBusy if there is no turn in time, or another DatabaseError.
        """
        async with self._transaction(read_only) as unit:
            yield unit
        if self._sync is not None and not read_only:
            await self._sync.on_disk()

    @asynccontextmanager
    async def _transaction(self, read_only: bool) -> AsyncGenerator[Unit]:
        turns = self._read_turns if read_only else self._write_turns
        await self._turn(turns)
        connection = (self._readers if read_only else self._writers).connect()
        try:
            with explained(place(self.url), connecting=True):
                await finish(_begin(connection))
            with explained(place(self.url)):
                yield Unit(connection, self._clock)
                await in_time(connection.commit())
        finally:
            try:
                await finish(_end(connection))
            finally:
                turns.release()

    async def ping(self) -> None:
        """Raises a DatabaseError unless the database answers."""
        async with self.unit(read_only=True) as unit:
            await unit.connection.execute(text("SELECT 1"))

    async def close(self) -> None:
        """Close every connection. Units must have ended."""
        await self._readers.dispose()
        await self._writers.dispose()
        if self._sync is not None:
            await self._sync.close()

    async def _turn(self, turns: asyncio.Semaphore) -> None:
        try:
            async with asyncio.timeout(TURN_S):
                await turns.acquire()
        except TimeoutError:
            raise DatabaseBusy(
                f"database {place(self.url)}: no turn within {TURN_S} s; a unit is nested in another or does not end"
            ) from None


async def _begin(connection: AsyncConnection) -> None:
    await connection.start()
    await connection.begin()


async def _end(connection: AsyncConnection) -> None:
    """Give the connection back; what is not committed is rolled back."""
    if connection.sync_connection is not None:
        await connection.close()
