"""The whole database as one SQLite file, as it was at one moment, while others go on writing."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

from db import migrate
from db.admin.copy import copy_database
from db.database import Database
from db.engine import explained
from db.url import database_url, is_sqlite, place, sqlite_url


async def snapshot(url: str, file: Path) -> None:
    """Write a new file, which holds nothing of what was deleted before. Of a server too. Raises: DatabaseError."""
    source = database_url(url)
    if is_sqlite(source):
        with explained(place(source)):
            await asyncio.to_thread(_vacuum, Path(source.database or ""), file)
    else:
        await migrate.upgrade(sqlite_url(file))
        await copied(url, sqlite_url(file))


async def copied(source: str, target: str) -> None:
    """All rows into a database that has tables and no rows. Raises: CopyRefused, DatabaseError."""
    reading = await Database.open(source)
    try:
        writing = await Database.open(target)
        try:
            await copy_database(reading, writing)
        finally:
            await writing.close()
    finally:
        await reading.close()


def foreign_parts(file: Path) -> list[str]:
    """What is in an SQLite file that no breedbot makes, and that would act by itself: triggers, views, virtual tables.

    Raises: DatabaseError.
    """
    with explained(str(file)), closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as connection:
        found = connection.execute(
            "SELECT type, name FROM sqlite_master WHERE type IN ('trigger', 'view') OR sql LIKE 'CREATE VIRTUAL%'"
        )
        return [f"{kind} {name!r}" for kind, name in found]


def _vacuum(source: Path, file: Path) -> None:
    """https://www.sqlite.org/lang_vacuum.html#vacuuminto: a reader like any other; deleted rows are not in the copy."""
    with closing(sqlite3.connect(f"file:{source}?mode=rw", uri=True, isolation_level=None)) as connection:
        connection.execute("VACUUM INTO ?", (str(file),))
