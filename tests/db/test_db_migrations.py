"""Migrations lead to exactly the tables, there and back, and lose nothing on failure."""

import asyncio
import sqlite3
import sys
from contextlib import closing
from itertools import pairwise
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from db_samples import predicted
from sqlalchemy import Connection, create_engine, inspect
from sqlalchemy.pool import NullPool

from db import migrate
from db.database import Database
from db.errors import DatabaseCorrupt, SchemaTooNew, SchemaTooOld
from db.tables import metadata

ALL = sorted(migrate.known_revisions())


def differences(connection: Connection) -> list[object]:
    return list(compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), metadata))


def schema(file: Path) -> list[tuple[str, str]]:
    with closing(sqlite3.connect(file)) as connection:
        return sorted(connection.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall())


async def test_the_migrated_tables_are_the_declared_ones(url: str, file: Path) -> None:
    await migrate.upgrade(url)

    engine = create_engine(f"sqlite:///{file}", poolclass=NullPool)
    with engine.connect() as connection:
        assert differences(connection) == []
        # What the comparison does not look at: conditions of indexes, cascades.
        inspector = inspect(connection)
        for table in metadata.sorted_tables:
            partial = {str(ix.name): ix.dialect_options["sqlite"]["where"] for ix in table.indexes}
            found = {
                ix["name"]: ix.get("dialect_options", {}).get("sqlite_where")
                for ix in inspector.get_indexes(table.name)
            }
            assert {name: str(where) for name, where in found.items()} == {n: str(w) for n, w in partial.items()}
            declared = {key.parent.name: key.ondelete for key in table.foreign_keys}
            cascades = {
                key["constrained_columns"][0]: key["options"].get("ondelete")
                for key in inspector.get_foreign_keys(table.name)
            }
            assert cascades == declared, table.name


async def test_every_revision_goes_up_down_and_up_to_the_same_tables(url: str, file: Path) -> None:
    await migrate.upgrade(url, ALL[0])
    for before, after in pairwise(ALL):
        start = schema(file)
        await migrate.upgrade(url, after)
        await migrate.downgrade(url, before)
        assert schema(file) == start
        await migrate.upgrade(url, after)
    top = schema(file)

    await migrate.downgrade(url, "base")
    assert [name for name, _ in schema(file) if name not in {"alembic_version", "sqlite_sequence"}] == []
    await migrate.upgrade(url)
    assert schema(file) == top


async def test_a_new_database_is_current_after_the_upgrade_and_not_before(url: str, file: Path) -> None:
    before = await migrate.current(url)
    made_by_asking = list(file.parent.parent.iterdir())
    await migrate.upgrade(url)

    assert (before, made_by_asking) == (None, [])
    assert await migrate.current(url) == migrate.head() == ALL[-1]
    assert await migrate.is_current(url)


async def test_upgrading_again_changes_nothing(url: str, file: Path, database: Database) -> None:
    async with database.unit() as unit:
        stored = await predicted(unit)
    start = schema(file)

    await asyncio.gather(*(migrate.upgrade(url) for _ in range(3)))

    async with database.unit(read_only=True) as unit:
        assert await unit.predictions.get(stored.id) == stored
    assert schema(file) == start


async def test_processes_that_start_together_upgrade_once(url: str) -> None:
    code = "import asyncio, sys; from db import migrate; asyncio.run(migrate.upgrade(sys.argv[1]))"
    command = [sys.executable, "-W", "error", "-c", code, url]
    together = [await asyncio.create_subprocess_exec(*command, stderr=asyncio.subprocess.PIPE) for _ in range(3)]
    errors = [(await process.communicate())[1] for process in together]

    assert errors == [b""] * 3
    assert await migrate.is_current(url)


async def test_a_database_without_tables_is_refused_with_the_command_that_makes_them(url: str, file: Path) -> None:
    with pytest.raises(SchemaTooOld, match="breedbot db upgrade") as refused:
        await Database.open(url)

    assert str(file) in str(refused.value)


async def test_a_database_of_a_newer_breedbot_is_refused_and_left_alone(url: str, file: Path) -> None:
    await migrate.upgrade(url)
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()
    before = schema(file)

    for refused in (Database.open(url), migrate.upgrade(url), migrate.check(url)):
        with pytest.raises(SchemaTooNew, match=rf"{file}.* 9999.*newer"):
            await refused
    assert schema(file) == before


async def test_a_migration_that_would_leave_rows_pointing_nowhere_is_rolled_back(url: str, file: Path) -> None:
    await migrate.upgrade(url)
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("INSERT INTO reviews VALUES (1, 99, 'accepted', NULL, 'eva', NULL, '2026-01-01 00:00:00')")
        connection.commit()

    with pytest.raises(DatabaseCorrupt, match="1 rows point nowhere"):
        await migrate.upgrade(url)
