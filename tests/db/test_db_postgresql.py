"""PostgreSQL does what SQLite does: the same tests of the repositories, on a server named by BREEDBOT_TEST_POSTGRESQL.

Its tables are dropped. Needs the package asyncpg.
"""

import asyncio
import inspect
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from types import ModuleType

import pytest
import test_db_feedback
import test_db_inbox
import test_db_jobs
import test_db_model_versions
import test_db_users
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from db_clock import StoppedClock
from db_samples import ANNA, update
from sqlalchemy import Connection, make_url

from db import migrate
from db.database import Database
from db.errors import DatabaseUnavailable, DatabaseUnwritable
from db.tables import metadata

URL = os.environ.get("BREEDBOT_TEST_POSTGRESQL", "")
if not URL:
    pytest.skip("BREEDBOT_TEST_POSTGRESQL names no server", allow_module_level=True)

MODULES = (test_db_feedback, test_db_inbox, test_db_jobs, test_db_model_versions, test_db_users)
Test = Callable[..., Awaitable[None]]


def shared_with(module: ModuleType) -> list[Test]:
    tests = [thing for name, thing in vars(module).items() if name.startswith("test_") and callable(thing)]
    return [test for test in tests if set(inspect.signature(test).parameters) in ({"database"}, {"database", "clock"})]


@pytest.fixture
async def server(clock: StoppedClock) -> AsyncIterator[Database]:
    await migrate.upgrade(URL)
    await migrate.downgrade(URL, "base")
    await migrate.upgrade(URL)
    database = await Database.open(URL, clock=clock)
    yield database
    await database.close()


@pytest.mark.parametrize("test", [test for module in MODULES for test in shared_with(module)])
async def test_it_does_the_same(test: Test, server: Database, clock: StoppedClock) -> None:
    given = {"database": server, "clock": clock}
    await test(**{name: given[name] for name in inspect.signature(test).parameters})


async def test_the_migrated_tables_are_the_declared_ones(server: Database) -> None:
    def differences(connection: Connection) -> list[object]:
        return list(compare_metadata(MigrationContext.configure(connection), metadata))

    async with server.unit() as unit:
        assert await unit.connection.run_sync(differences) == []


async def test_a_unit_that_only_reads_cannot_write(server: Database) -> None:
    with pytest.raises(DatabaseUnwritable, match="read-only"):
        async with server.unit(read_only=True) as unit:
            await unit.users.seen(ANNA, "en")


async def test_many_units_at_once_lose_nothing(server: Database) -> None:
    async with server.unit() as unit:
        await unit.inbox.add([update(1)])

    async def count() -> None:
        async with server.unit() as unit:
            await unit.inbox.begin(1)

    await asyncio.gather(*(count() for _ in range(50)))

    async with server.unit(read_only=True) as unit:
        record = await unit.inbox.get(1)
    assert record is not None
    assert record.attempts == 50


async def test_a_connection_that_was_cut_is_named_and_the_next_unit_has_a_new_one(server: Database) -> None:
    cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname IS NOT NULL"

    async def cut_off() -> None:
        async with server.unit() as unit, server.unit() as other:
            await other.connection.exec_driver_sql(cut)
            await unit.inbox.count_pending()

    with pytest.raises(DatabaseUnavailable):
        await cut_off()

    async with server.unit() as unit:
        assert await unit.inbox.count_pending() == 0


async def test_a_missing_database_is_named() -> None:
    missing = make_url(URL).set(database="nowhere").render_as_string(hide_password=False)
    with pytest.raises(DatabaseUnavailable, match="nowhere"):
        await migrate.upgrade(missing)
