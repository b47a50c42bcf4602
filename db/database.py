"""The database: opened once, it hands out units of work."""

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Self

from sqlalchemy import URL, text
from sqlalchemy.ext.asyncio import AsyncEngine

from db.clock import Clock, utc_now
from db.engine import read_engine, write_engine
from db.errors import explained
from db.migrate import check
from db.unit import Unit
from db.url import database_url, place


class Database:
    """Open it once a process, close it last."""

    def __init__(self, url: URL, clock: Clock = utc_now) -> None:
        self.url = url
        self._clock = clock
        self._writers: AsyncEngine = write_engine(url)
        self._readers: AsyncEngine = read_engine(url)

    @classmethod
    async def open(cls, url: str, *, clock: Clock = utc_now) -> Self:
        """Open a database whose tables are up to date; `db.migrate.upgrade` makes them so.

        Raises BadDatabaseUrl, SchemaTooOld, SchemaTooNew or another DatabaseError that says what to do.
        """
        database = cls(database_url(url), clock)
        try:
            async with database.unit() as unit:
                await check(unit.connection, place(database.url))
        except BaseException:
            await database.close()
            raise
        return database

    @asynccontextmanager
    async def unit(self, *, read_only: bool = False) -> AsyncGenerator[Unit]:
        """One transaction: committed at the end, rolled back on an exception (cancellation too).

        Never open a second one inside: on SQLite it would wait for the first. `read_only` ones wait for nobody.
        """
        engine = self._readers if read_only else self._writers
        with explained(place(self.url)):
            async with AsyncExitStack() as stack:
                with explained(place(self.url), connecting=True):
                    connection = await stack.enter_async_context(engine.begin())
                yield Unit(connection, self._clock)

    async def ping(self) -> None:
        """Raises a DatabaseError unless the database answers."""
        async with self.unit(read_only=True) as unit:
            await unit.connection.execute(text("SELECT 1"))

    async def close(self) -> None:
        """Close every connection. Units must have ended."""
        await self._readers.dispose()
        await self._writers.dispose()
