"""The database: opened once, it hands out units of work, and returns from one when that is on the disk."""

import asyncio
import logging
import os
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from itertools import islice
from pathlib import Path
from typing import Any, Self, TypeVar

from sqlalchemy import URL, text

from core.clock import Clock, utc_now
from db.engine import SERVER_CONNECTIONS, TURN_S, connections, explained, finish, here, read_engine, write_engine
from db.errors import DatabaseBusy, DatabaseUnavailable
from db.migrate import check
from db.unit import Unit
from db.url import database_url, is_sqlite, place

log = logging.getLogger(__name__)

T = TypeVar("T")
SHARED_AT_ONCE = 64  # writes in one shared transaction
_sync = getattr(os, "fdatasync", os.fsync)  # the sizes, but not the times of the file


class Database:
    """Open it once a process, close it last."""

    def __init__(self, url: URL, clock: Clock = utc_now, pool: int = SERVER_CONNECTIONS) -> None:
        self.url = url
        self._place = place(url)
        self._clock = clock
        self._writers = write_engine(url, pool)
        self._readers = read_engine(url, pool)
        self._sync = GroupCommit(Path(self._place)) if is_sqlite(url) else None  # a server does that itself
        # Units wait here, where they can be cancelled, and find a free connection in the pool.
        self._write_turns = asyncio.Semaphore(connections(self._writers))
        self._read_turns = asyncio.Semaphore(connections(self._readers))
        self._shared_turn = asyncio.Lock()
        self._shared: deque[tuple[Callable[[Unit], Awaitable[Any]], asyncio.Future[Any]]] = deque()

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
        engine, turns = (self._readers, self._read_turns) if read_only else (self._writers, self._write_turns)
        try:
            async with asyncio.timeout(TURN_S):
                await turns.acquire()
        except TimeoutError:
            raise DatabaseBusy(
                f"database {self._place}: no turn within {TURN_S} s; a unit is nested in another or does not end"
            ) from None
        connection = engine.connect()
        try:
            with explained(self._place, alone=True):
                await finish(connection.start())
                if self._sync is not None and not read_only:  # wanted later, the lock would be refused without waiting
                    await finish(connection.exec_driver_sql("BEGIN IMMEDIATE"))
                elif self._sync is not None:
                    with here():
                        await connection.exec_driver_sql("BEGIN")
            with explained(self._place):
                yield Unit(connection, self._clock)
            with explained(self._place, alone=True):
                if self._sync is not None and read_only:
                    with here():
                        await connection.commit()
                else:
                    await finish(connection.commit())
        finally:
            try:
                if connection.sync_connection is not None:
                    await finish(connection.close())  # what is not committed is rolled back
            finally:
                turns.release()
        if self._sync is not None and not read_only:
            await self._sync.on_disk()

    async def write(self, work: Callable[[Unit], Awaitable[T]]) -> T:
        """Do a short piece of writing in a transaction shared with whatever else is to be written meanwhile.

        Returns what `work` does, once that is on the disk. `work` may be done twice: when another one's writing fails,
        each is done in a transaction of its own. Raises as `unit`, and what `work` raises.
        """
        outcome: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._shared.append((work, outcome))
        try:
            async with self._shared_turn:
                while not outcome.done():
                    await self._write_together()
        finally:
            if not outcome.done():
                outcome.cancel()  # nobody waits for it: it is not written
        return outcome.result()

    async def _write_together(self) -> None:
        """Whoever comes first writes for all; cancelled, it leaves them to the next."""
        while self._shared and self._shared[0][1].done():
            self._shared.popleft()
        batch = [one for one in islice(self._shared, SHARED_AT_ONCE) if not one[1].done()]
        results: list[Any] = []
        try:
            async with self.unit() as unit:
                with here():
                    results = [await work(unit) for work, _ in batch]
        except Exception as error:  # noqa: BLE001 - handed on, as below
            if len(batch) > 1 and not isinstance(error, DatabaseUnavailable | DatabaseBusy):
                await self._write_each(batch)
                return
            log.debug("%d writes failed together: %s", len(batch), error)
            for _, outcome in batch:
                if not outcome.done():
                    outcome.set_exception(error)
        else:
            for (_, outcome), result in zip(batch, results, strict=True):
                if not outcome.done():
                    outcome.set_result(result)

    async def _write_each(self, batch: list[tuple[Callable[[Unit], Awaitable[Any]], asyncio.Future[Any]]]) -> None:
        for work, outcome in batch:
            try:
                async with self.unit() as unit:
                    result = await work(unit)
            except Exception as error:  # noqa: BLE001 - handed on to whoever asked for it
                if not outcome.done():
                    outcome.set_exception(error)
            else:
                if not outcome.done():
                    outcome.set_result(result)

    async def ping(self) -> None:
        """Raises a DatabaseError unless the database answers."""
        async with self.unit(read_only=True) as unit:
            await unit.connection.execute(text("SELECT 1"))

    async def close(self) -> None:
        """Close every connection. Units must have ended."""
        await self._readers.dispose()
        await self._writers.dispose()
        if self._sync is not None:
            self._sync.close()


class GroupCommit:
    """Forcing commits to the disk, those that come together at once; of one file, for the tasks of one event loop.

    SQLite in WAL mode with `synchronous = NORMAL` appends a commit to the file `-wal` and leaves it to the system when
    it reaches the disk; with `FULL` it forces each one, while others wait for the lock: https://sqlite.org/wal.html.
    We force them as `FULL` does, but after the lock is given back, and one call serves all that was committed before.
    """

    def __init__(self, database: Path) -> None:
        """`database`: the SQLite file; what is forced is its `-wal`."""
        self._wal = Path(f"{database}-wal")
        self._thread = ThreadPoolExecutor(1, "database-sync")  # the shared ones may all be busy with photos
        self._turn = asyncio.Lock()  # in the order in which they ask
        self._committed = self._forced = 0
        self._failure: DatabaseUnavailable | None = None  # of what was forced last

    async def on_disk(self) -> None:
        """Return when all that was committed before this call is on the disk.

        Raises DatabaseUnavailable if the disk does not take it: then nobody knows whether it will be there.
        """
        self._committed += 1
        mine = self._committed
        async with self._turn:
            if self._forced < mine:
                await finish(asyncio.get_running_loop().run_in_executor(self._thread, self._force, self._committed))
            if self._failure is not None:
                raise self._failure

    def _force(self, committed: int) -> None:
        self._failure = None
        try:
            descriptor = os.open(self._wal, os.O_RDONLY)
            try:
                _sync(descriptor)
            finally:
                os.close(descriptor)
        except FileNotFoundError:
            pass  # the last connection of all was closed, and all is in the database itself
        except OSError as error:
            self._failure = DatabaseUnavailable(
                f"database {self._wal}: what was written last may be lost ({error.strerror}); check the disk"
            )
            self._failure.__cause__ = error
        self._forced = committed

    def close(self) -> None:
        """Call it when nobody asks any more."""
        self._thread.shutdown()
