"""Bring the tables of a database up to date, and say where they are.

Alembic is not asynchronous and keeps its state in module globals, so one migration runs at a time in a process, in a
thread. Two processes that start together wait for each other at the database.
"""

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import TypeVar

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Connection, text

from db.engine import explained, migration_engine, server_engine
from db.errors import DatabaseCorrupt, SchemaTooNew, SchemaTooOld
from db.url import database_url, exists, is_sqlite, place

T = TypeVar("T")
SCRIPTS = Path(__file__).parent / "migrations"
ADVISORY_LOCK = 0x62726564  # any number that is always the same: "bred"
_one_at_a_time = threading.Lock()


async def upgrade(url: str, revision: str = "head") -> None:
    """Create the tables or bring them up to date, keeping what is in them; all or nothing.

    Raises SchemaTooNew if a newer breedbot was here, or another DatabaseError.
    """
    await _migrate(url, lambda config: command.upgrade(config, revision))


async def rehearse(url: str) -> None:
    """All that `upgrade` would do at the next start, undone at the end. Raises as it; makes no file."""
    parsed = database_url(url)
    if is_sqlite(parsed) and not exists(parsed):
        return

    def work(connection: Connection) -> None:
        _brought_to(parsed, connection, lambda config: command.upgrade(config, "head"))
        raise _Undone

    with suppress(_Undone):
        await _run(parsed, work)


async def downgrade(url: str, revision: str) -> None:
    """Go back to a revision (`base`: no tables at all). What newer tables held is lost."""
    await _migrate(url, lambda config: command.downgrade(config, revision))


async def draft(url: str, message: str, revision: str) -> None:
    """Write a revision file for what differs between `tables.py` and a database that is at the head; for developers."""

    def write(config: Config) -> None:
        command.revision(config, message, autogenerate=True, rev_id=revision)

    await _migrate(url, write)


async def current(url: str) -> str | None:
    """The revision of the database; None: no tables yet."""
    parsed = database_url(url)
    if not exists(parsed):
        return None  # asking shall not create the file
    return await _run(parsed, _current)


async def is_current(url: str) -> bool:
    """Whether the tables are what this breedbot expects."""
    return await current(url) == head()


async def check(url: str) -> None:
    """Raises SchemaTooOld or SchemaTooNew unless the tables are what this breedbot expects."""
    found, where = await current(url), place(database_url(url))
    _refuse_newer(found, where)
    if found != head():
        raise SchemaTooOld(
            f"database {where} is at revision {found or 'none'}, not {head()}; run `breedbot db upgrade`"
        )


@cache
def head() -> str:
    """The revision that this breedbot expects."""
    revision = ScriptDirectory.from_config(_config()).get_current_head()
    return str(revision)


@cache
def known_revisions() -> frozenset[str]:
    """Every revision that this breedbot has ever had."""
    return frozenset(script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions())


def _refuse_newer(found: str | None, where: str) -> None:
    if found is not None and found not in known_revisions():
        raise SchemaTooNew(
            f"database {where} is at revision {found}, which this breedbot does not know: a newer one was here; "
            "install that version again or restore a backup"
        )


async def _migrate(url: str, act: Callable[[Config], None]) -> None:
    parsed = database_url(url)
    await _run(parsed, lambda connection: _brought_to(parsed, connection, act))


def _brought_to(url: URL, connection: Connection, act: Callable[[Config], None]) -> None:
    if not is_sqlite(url):
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": ADVISORY_LOCK})
    _refuse_newer(_current(connection), place(url))
    act(_config(connection))
    if is_sqlite(url) and (broken := connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()):
        raise DatabaseCorrupt(f"database {place(url)}: {len(broken)} rows point nowhere; nothing was migrated")


class _Undone(Exception):
    """Nothing of it stays."""


def _config(connection: Connection | None = None) -> Config:
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))  # % begins an interpolation
    return config


def _current(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


async def _run(url: URL, work: Callable[[Connection], T]) -> T:
    def alone() -> T:
        with _one_at_a_time, explained(place(url), alone=True):
            return _in_file(url, work) if is_sqlite(url) else asyncio.run(_on_server(url, work))

    return await asyncio.to_thread(alone)


def _in_file(url: URL, work: Callable[[Connection], T]) -> T:
    engine = migration_engine(url)
    try:
        with engine.begin() as connection:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            return work(connection)
    finally:
        engine.dispose()


async def _on_server(url: URL, work: Callable[[Connection], T]) -> T:
    engine = server_engine(url)
    try:
        async with engine.begin() as connection:
            return await connection.run_sync(work)
    finally:
        await engine.dispose()
