"""Move everything from one database to another, for instance from an SQLite file to PostgreSQL, and compare every row.

All or nothing: the copy is one transaction, kept only if the target then gives back what the source does, row by row.
The source is read in one snapshot: nothing else should write there meanwhile, it would be left behind.
"""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Row, Select, Table, func, select, text, tuple_
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from db.database import Database
from db.engine import database_error
from db.errors import CopyRefused
from db.tables import leases, metadata
from db.url import place

PAGE: Final = 500
TABLES: Final = tuple(table for table in metadata.sorted_tables if table is not leases)
"""In an order in which rows can be inserted; leases stay behind, they end with the processes that hold them."""

Progress = Callable[[int], None]  # takes the number of rows copied so far, and then of rows compared
Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Copied:
    """Rows by table, each compared."""

    rows: Mapping[str, int]

    @property
    def total(self) -> int:
        """Rows in all."""
        return sum(self.rows.values())


async def rows_in(database: Database) -> int:
    """How many rows there are to copy."""
    async with database.unit(read_only=True) as unit:
        return sum([await _count(unit.connection, table) for table in TABLES])


async def copy_database(source: Database, target: Database, progress: Progress = lambda _rows: None) -> Copied:
    """Copy all rows into a target whose tables are there, and empty.

    Raises:
        CopyRefused: the target has rows already, or cannot hold a row as it is; nothing was copied.
    """
    async with source.unit(read_only=True) as reading, target.unit() as writing:
        copy = _Copy(reading.connection, writing.connection, place(target.url), progress)
        for table in TABLES:
            if await _count(writing.connection, table):
                raise CopyRefused(f"database {place(target.url)}: {table.name} has rows already; give an empty one")
        copied = {table.name: await copy.fill(table) for table in TABLES}
        await _count_on(reading.connection, writing.connection)
        for table in TABLES:
            await copy.compare(table)
    return Copied(copied)


class _Copy:
    def __init__(self, source: AsyncConnection, target: AsyncConnection, where: str, progress: Progress) -> None:
        self._source = source
        self._target = target
        self._where = where
        self._progress = progress
        self._rows = 0

    async def fill(self, table: Table) -> int:
        rows = 0
        async for page in _pages(self._source, table):
            try:
                await self._target.execute(table.insert(), page)
            except DBAPIError as error:
                if (known := database_error(error, self._where)) is not None:
                    raise known from error
                raise self._refusal(table, page, str(error.orig)) from error
            rows += len(page)
            self._step(len(page))
        return rows

    async def compare(self, table: Table) -> None:
        if await _count(self._source, table) != await _count(self._target, table):
            raise CopyRefused(f"database {self._where}: {table.name} has another number of rows than the source")
        key = tuple_(*table.primary_key)
        async for page in _pages(self._source, table):
            these = select(table).where(key.in_([_key(table, row) for row in page]))
            found = {_key(table, row): row for row in map(_values, await self._target.execute(these))}
            different = [row for row in page if found.get(_key(table, row)) != row]
            if different:
                raise self._refusal(table, different, "it came out different")
            self._step(len(page))

    def _step(self, rows: int) -> None:
        self._rows += rows
        self._progress(self._rows)

    def _refusal(self, table: Table, rows: Sequence[Values], why: str) -> CopyRefused:
        first, last = _key(table, rows[0]), _key(table, rows[-1])
        return CopyRefused(f"database {self._where}: {table.name}, row {first} or one up to {last}: {why}")


async def _pages(connection: AsyncConnection, table: Table) -> AsyncIterator[list[Values]]:
    last: tuple[Any, ...] | None = None
    while True:
        page = [_values(row) for row in await connection.execute(_page(table, last))]
        if page:
            yield page
        if len(page) < PAGE:
            return
        last = _key(table, page[-1])


def _page(table: Table, after: tuple[Any, ...] | None) -> Select[Any]:
    page = select(table).order_by(*table.primary_key).limit(PAGE)
    return page if after is None else page.where(tuple_(*table.primary_key) > after)


def _values(row: Row[Any]) -> Values:
    return dict(row._mapping)  # noqa: SLF001 - its documented name


def _key(table: Table, row: Values) -> tuple[Any, ...]:
    return tuple(row[column.name] for column in table.primary_key)


async def _count(connection: AsyncConnection, table: Table) -> int:
    return int((await connection.execute(select(func.count()).select_from(table))).scalar_one())


async def _count_on(source: AsyncConnection, target: AsyncConnection) -> None:
    """New ids follow the last one that was ever given in the source: that of a forgotten job must not come back."""
    for table in TABLES:
        column = table.autoincrement_column
        if column is None or not table.dialect_options["sqlite"]["autoincrement"]:
            continue
        last = await _last_id(source, table)
        if last and target.dialect.name == "postgresql":
            await target.execute(text(f"SELECT setval(pg_get_serial_sequence('{table.name}', 'id'), {last})"))
        elif last:
            await target.execute(text(f"DELETE FROM sqlite_sequence WHERE name = '{table.name}'"))  # noqa: S608
            await target.execute(text(f"INSERT INTO sqlite_sequence VALUES ('{table.name}', {last})"))  # noqa: S608


async def _last_id(connection: AsyncConnection, table: Table) -> int:
    """The last id that was given, 0 where none ever was."""
    if connection.dialect.name == "postgresql":
        asked = f"SELECT pg_sequence_last_value(pg_get_serial_sequence('{table.name}', 'id'))"
    else:
        asked = f"SELECT seq FROM sqlite_sequence WHERE name = '{table.name}'"  # noqa: S608
    return int((await connection.execute(text(asked))).scalar() or 0)
