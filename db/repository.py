"""What every repository stands on: one connection inside one transaction, and a clock."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, TypeVar, cast

from sqlalchemy import CursorResult, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.base import Executable

from core.clock import Clock
from db.uncancelled import in_time

R = TypeVar("R")
T = TypeVar("T")
Values = dict[str, Any]  # of a statement's parameters, by name
CHUNK = 500  # values in one statement; drivers take some thousands


class Repository:
    """One kind of rows. Lives as long as its unit and is never shared between tasks.

    What every photo needs is a statement built once, given `values`: building one takes longer than executing it.
    """

    def __init__(self, connection: AsyncConnection, clock: Clock) -> None:
        self._connection = connection
        self._dialect: str = connection.dialect.name
        self._now = clock

    def _insert(self, table: Table) -> sqlite.Insert:
        """An INSERT that can be given an ON CONFLICT clause; both dialects spell it alike."""
        return insert(self._dialect, table)

    async def _execute(self, statement: Executable, values: Values | list[Values] | None = None) -> CursorResult[Any]:
        return await in_time(self._connection.execute(statement, values))

    async def _run(self, statement: Executable, values: Values | None = None) -> int:
        """Execute; the number of rows touched."""
        return (await self._execute(statement, values)).rowcount

    async def _first(self, kind: type[R], statement: Executable, values: Values | None = None) -> R | None:
        """The first row as `kind`, whose fields are named like the columns."""
        row = (await self._execute(statement, values)).mappings().first()
        return kind(**row) if row is not None else None

    async def _one(self, kind: type[R], statement: Executable, values: Values | None = None) -> R:
        """The row of a statement that always has one."""
        return kind(**(await self._execute(statement, values)).mappings().one())

    async def _all(self, kind: type[R], statement: Executable) -> list[R]:
        rows = (await self._execute(statement)).mappings()
        return [kind(**row) for row in rows]

    async def _value(self, statement: Executable, values: Values | None = None) -> Any:
        """The first column of the first row, or None."""
        return (await self._execute(statement, values)).scalar()


def insert(dialect: str, table: Table) -> sqlite.Insert:
    """An INSERT for this dialect that can be given an ON CONFLICT clause."""
    if dialect == "postgresql":
        return cast("sqlite.Insert", postgresql.insert(table))
    return sqlite.insert(table)


def chunks(values: Iterable[T], size: int = CHUNK) -> Iterator[list[T]]:
    """What fits into one statement at a time."""
    rest = iter(values)
    while some := list(islice(rest, size)):
        yield some
