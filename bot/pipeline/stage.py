"""A stage takes the rows of its table that are due, so many at once, and writes what became of each: done, or later.

It is the worker of a job queue whose jobs are rows (as procrastinate's is): the database says who is next, and in which
order within a key. A look that finds nothing costs nothing, and nothing depends on anybody saying "look": it is also
looked every second.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Hashable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, Generic, Protocol, TypeVar

from bot.errors import Later
from core.clock import utc_now
from core.retry import Backoff
from core.supervisor import Supervisor
from db.database import Database
from db.errors import DatabaseError, RowMissing
from db.unit import Unit

POLL_S = 1.0  # between two looks, when nobody says anything
CROWDED_S = 0.05  # between two looks while every place is taken: each reads as many rows as there are places

log = logging.getLogger(__name__)

Mark = Callable[[Unit], Awaitable[int | None]]  # writes what became of a row; how many others are due by that


class Tried(Protocol):
    """A row of a stage."""

    @property
    def tries(self) -> int:
        """How often it failed."""


Row = TypeVar("Row", bound=Tried)
Due_co = TypeVar("Due_co", bound=Tried, covariant=True)


class Rows(Protocol[Due_co]):
    """A stage's table: a repository."""

    async def due(self, limit: int) -> Sequence[Due_co]:
        """What is due, longest first; of several that go in order only the first."""

    async def later(self, key: Any, at: datetime, error: str, *, failed: bool) -> None:
        """That row is to be tried again then; `failed`: that counts as a try."""


class Stage(Generic[Row]):
    """Works on rows. What is in work is all that it remembers, and that until its mark is committed.

    Args:
        name: for the log.
        rows: the table, of a unit.
        key: names a row in it.
        work: does one row; returns what to write then, or None: that is written. Raises `Later`, or anything else:
            later, too.
        database: open.
        saves: finish a mark that has begun.
        places: rows in work at once.
        backoff: of a row that fails.
    """

    def __init__(
        self,
        name: str,
        rows: Callable[[Unit], Rows[Row]],
        key: Callable[[Row], Hashable],
        work: Callable[[Row], Awaitable[Mark | None]],
        database: Database,
        saves: Supervisor,
        *,
        places: int,
        backoff: Backoff,
    ) -> None:
        self.name = name
        self._rows = rows
        self._key = key
        self._work = work
        self._database = database
        self._saves = saves
        self._places = places
        self._backoff = backoff
        self._in_work: set[Hashable] = set()
        self._ended: set[Hashable] = set()  # since the look that is under way began: it may still show them as due
        self._wake = asyncio.Event()
        self._idle = asyncio.Event()
        self._crowded = False
        self._draining = False

    @property
    def in_work(self) -> int:
        """Rows that are being worked on."""
        return len(self._in_work)

    def look(self) -> None:
        """There may be something to do."""
        self._wake.set()

    async def run(self) -> None:
        """Work until cancelled."""
        self._draining = False
        try:
            async with asyncio.TaskGroup() as group:
                while True:
                    self._wake.clear()
                    await self._take(group)
                    if self._crowded:
                        await asyncio.sleep(CROWDED_S)
                    with suppress(TimeoutError):
                        async with asyncio.timeout(POLL_S):
                            await self._wake.wait()
        finally:
            self._in_work.clear()

    async def drain(self) -> None:
        """Return when nothing is in work and nothing is due."""
        self._draining = True
        self._idle.clear()
        self.look()
        await self._idle.wait()

    async def _take(self, group: asyncio.TaskGroup) -> None:
        """Begin what is due and has a place."""
        free = self._places - len(self._in_work)
        self._crowded = free <= 0
        if self._crowded:
            return
        self._ended.clear()
        try:
            async with self._database.unit(read_only=True) as unit:
                due = await self._rows(unit).due(self._places)  # those in work are due until their mark, and come first
        except DatabaseError as error:
            log.warning("%s: the database cannot be asked what is due: %s", self.name, error)
            return
        self._crowded = len(due) >= self._places
        if not due and not self._in_work:
            self._idle.set()
        if not self._ended.isdisjoint(map(self._key, due)):
            self._wake.set()  # it is not known what became of those: look again
        known = self._in_work | self._ended
        for row in [row for row in due if self._key(row) not in known][:free]:
            self._in_work.add(self._key(row))
            group.create_task(self._serve(row), name=f"{self.name} {self._key(row)}")

    async def _serve(self, row: Row) -> None:
        key, more = self._key(row), 0
        try:
            try:
                mark = await self._work(row)
            except Later as trouble:
                mark = self._later(row, str(trouble), trouble.delay_s)
            except DatabaseError as trouble:
                mark = self._later(row, str(trouble))
            except Exception as trouble:
                log.exception("%s: %s failed", self.name, key)
                mark = self._later(row, f"{type(trouble).__name__}: {trouble}")
            more = 1 if mark is None else await self._write(row, mark)
        finally:
            self._in_work.discard(key)
            self._ended.add(key)
            if more or self._crowded or self._draining:
                self._wake.set()

    def _later(self, row: Row, reason: str, delay_s: float | None = None) -> Mark:
        """`delay_s`: as of `Later`."""
        wait_s = self._backoff.delay_s(row.tries + 1) if delay_s is None else delay_s
        at = utc_now() + timedelta(seconds=wait_s)
        log.info("%s: %s waits %.1f s: %s", self.name, self._key(row), wait_s, reason)

        async def later(unit: Unit) -> int:
            await self._rows(unit).later(self._key(row), at, reason, failed=delay_s is None)
            return int(delay_s is not None)  # put off on purpose: what was behind it may have gone on

        asyncio.get_running_loop().call_later(wait_s, self.look)
        return later

    async def _write(self, row: Row, mark: Mark) -> int:
        """It happened: only the mark is tried again, for as long as it takes. Returns: as `Mark`."""
        tries = 0
        while True:
            try:
                write = self._database.write(mark)
                return await self._saves.shielded(write, f"{self.name}: mark of {self._key(row)}") or 0
            except RowMissing as gone:
                log.info("%s: %s", self.name, gone)
                return 1
            except Exception as error:  # noqa: BLE001 - whatever it is, doing the work again would be worse
                tries += 1
                log.warning("%s: what became of %s is not noted: %s", self.name, self._key(row), error)
                await asyncio.sleep(self._backoff.delay_s(tries))
