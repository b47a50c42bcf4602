"""What every repository stands on: one connection inside one transaction, and a clock; and, for rows that a stage takes
when they are due, which of them those are.

Of several rows with one key only the first has a `next_try_at`, so that a look costs the same however many are asleep
behind it; the next gets one when it is through. Whoever adds or ends a row promotes in the same transaction. On
PostgreSQL two may do so at once: each takes the key's lock after its own change and before it looks for the first, so
that one of them sees what the other did.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from itertools import islice
from typing import Any, Generic, TypeVar

from sqlalchemy import Column, CursorResult, Table, bindparam, func, select, text, true, update
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.base import Executable
from sqlalchemy.sql.elements import ColumnElement, TextClause

from core.clock import Clock
from db.engine import finish
from db.errors import DatabaseUnavailable

R = TypeVar("R")
T = TypeVar("T")
Values = dict[str, Any]  # of a statement's parameters, by name
CHUNK = 500  # values in one statement; drivers take some thousands
EVERY_ROW = true()
insert = postgresql.insert
"""An INSERT that can be given an ON CONFLICT clause. SQLite spells it alike, and its compiler takes this one, too."""
_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))")


class Repository:
    """One kind of rows. Lives as long as its unit and is never shared between tasks.

    What every photo needs is a statement built once, given `values`: building one takes longer than executing it.
    """

    def __init__(self, connection: AsyncConnection, clock: Clock) -> None:
        self._connection = connection
        self._now = clock

    async def _execute(self, statement: Executable, values: Values | list[Values] | None = None) -> CursorResult[Any]:
        """Raises DatabaseUnavailable where the driver gave it up."""
        try:
            return await finish(self._connection.execute(statement, values))
        except TimeoutError as error:
            raise DatabaseUnavailable("the database did not answer in time; is it overloaded, or gone?") from error

    async def _run(self, statement: Executable, values: Values | None = None) -> int:
        """Execute; the number of rows touched."""
        return (await self._execute(statement, values)).rowcount

    async def _first(self, kind: type[R], statement: Executable, values: Values | None = None) -> R | None:
        """The first row as `kind`, whose fields are named like the columns."""
        row = (await self._execute(statement, values)).mappings().first()
        return kind(**row) if row is not None else None

    async def _all(self, kind: type[R], statement: Executable, values: Values | list[Values] | None = None) -> list[R]:
        rows = (await self._execute(statement, values)).mappings()
        return [kind(**row) for row in rows]

    async def _value(self, statement: Executable, values: Values | None = None) -> Any:
        """The first column of the first row, or None."""
        return (await self._execute(statement, values)).scalar()


@dataclass(frozen=True, slots=True, eq=False)
class StageTable:
    """What a stage has to know of its table.

    Attributes:
        table: with `next_try_at`, `tries` and `error`.
        id: the primary key.
        key: of rows that go in order; the primary key: all are due by themselves.
        open: rows that are not through.
        order: within a key.
    """

    table: Table
    id: Column[Any]
    key: Column[Any]
    open: ColumnElement[bool] | TextClause = EVERY_ROW
    order: tuple[Column[Any], ...] = ()


class StageRows(Repository, Generic[R]):
    """The part of a stage's repository that does not depend on what its rows are.

    Attributes:
        stage: the table.
        record: a row of it.
    """

    stage: StageTable
    record: type[R]

    async def due(self, limit: int) -> list[R]:
        """What is due, longest first."""
        return await self._all(self.record, _due(self.stage), {"now": self._now(), "limit": limit})

    async def count_pending(self, limit: int | None = None, *, due: bool = False) -> int:
        """How many are not through, or are `due`, counted up to `limit`."""
        pending = select(self.stage.id).where(self.stage.open).limit(limit)
        some = pending.where(self.stage.table.c.next_try_at <= self._now()) if due else pending
        return int(await self._value(select(func.count()).select_from(some.subquery())))

    async def later(self, key: int, at: datetime, error: str, *, failed: bool = True) -> None:
        """It could not be done: when it is tried next, and why. `failed`: that counts as a try."""
        this = update(self.stage.table).where(self.stage.open, self.stage.id == key)
        tries = self.stage.table.c.tries + (1 if failed else 0)
        await self._execute(this.values(next_try_at=at, tries=tries, error=error[:500]))

    async def promote(self, keys: Iterable[Any]) -> int:
        """Of each key the first row that is not through is due, if nothing is known of it yet. Returns: how many."""
        woken = 0
        for key in sorted(set(keys), key=str):
            if self._connection.dialect.name == "postgresql":
                await self._execute(_LOCK, {"key": f"{self.stage.table.name} {key}"})
            woken += await self._run(_promote(self.stage), {"key": key, "now": self._now()})
        return woken

    async def promote_all(self) -> int:
        """The same for every key: for rows behind one that went together with its user. Returns: how many woke up."""
        keyed = select(self.stage.key).where(self.stage.open).group_by(self.stage.key)
        asleep = keyed.having(func.max(self.stage.table.c.next_try_at).is_(None))
        keys: Sequence[Any] = (await self._execute(asleep)).scalars().all()
        await self.promote(keys)
        return len(keys)


@cache
def _due(stage: StageTable) -> Executable:
    when = stage.table.c.next_try_at
    due = select(stage.table).where(stage.open, when <= bindparam("now"))
    found: Executable = due.order_by(when, stage.id).limit(bindparam("limit"))
    return found


@cache
def _promote(stage: StageTable) -> Executable:
    when = stage.table.c.next_try_at
    first = select(stage.id).where(stage.open, stage.key == bindparam("key")).order_by(*stage.order).limit(1)
    woken = update(stage.table).where(stage.id == first.scalar_subquery(), when.is_(None))
    return woken.values(next_try_at=bindparam("now"))


def chunks(values: Iterable[T], size: int = CHUNK) -> Iterator[list[T]]:
    """What fits into one statement at a time."""
    rest = iter(values)
    while some := list(islice(rest, size)):
        yield some
