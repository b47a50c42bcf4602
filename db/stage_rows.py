"""Rows that a stage takes when they are due: of several with one key the first, so that a look costs the same however
many are asleep behind it.

Only the first row of a key has a `next_try_at`; the next gets one when it is through. Whoever adds or ends a row
promotes in the same transaction. On PostgreSQL two may do so at once: each takes the key's lock after its own change
and before it looks for the first, so that one of them sees what the other did.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Generic, TypeVar

from sqlalchemy import Column, Table, bindparam, func, select, text, true, update
from sqlalchemy.sql.base import Executable
from sqlalchemy.sql.elements import ColumnElement, TextClause

from db.repository import Repository

R = TypeVar("R")
EVERY_ROW = true()
_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))")


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
        rows = (await self._execute(_due(self.stage), {"now": self._now(), "limit": limit})).mappings()
        return [self.record(**row) for row in rows]

    async def count_due(self, limit: int) -> int:
        """How many are due, counted up to `limit`."""
        when = self.stage.table.c.next_try_at
        some = select(self.stage.id).where(self.stage.open, when <= self._now()).limit(limit).subquery()
        return int(await self._value(select(func.count()).select_from(some)))

    async def later(self, key: int, at: datetime, error: str, *, failed: bool = True) -> None:
        """It could not be done: when it is tried next, and why. `failed`: that counts as a try."""
        this = update(self.stage.table).where(self.stage.open, self.stage.id == key)
        tries = self.stage.table.c.tries + (1 if failed else 0)
        await self._run(this.values(next_try_at=at, tries=tries, error=error[:500]))

    async def promote(self, keys: Iterable[Any]) -> int:
        """Of each key the first row that is not through is due, if nothing is known of it yet. Returns: how many."""
        woken = 0
        for key in sorted(set(keys), key=str):
            if self._dialect == "postgresql":
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
