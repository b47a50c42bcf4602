"""What only a server can do: cut connections, be away, have a database missing. All else: every test of this folder."""

import asyncio
from collections.abc import Iterator

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from db_samples import ANNA, queued, update
from postgres_server import EMPTY, PostgresServer, postgres_server
from sqlalchemy import Connection, make_url
from stored import pending_updates

from db import migrate
from db.database import Database
from db.errors import DatabaseUnavailable
from db.tables import metadata

ENGINES = ("postgresql",)
CUT = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
    "WHERE pid <> pg_backend_pid() AND datname = current_database()"
)


@pytest.fixture(scope="module")
def own_server() -> Iterator[PostgresServer]:
    with postgres_server() as server:
        yield server


async def test_the_migrated_tables_are_the_declared_ones(database: Database) -> None:
    def differences(connection: Connection) -> list[object]:
        return list(compare_metadata(MigrationContext.configure(connection), metadata))

    async with database.unit() as unit:
        assert await unit.connection.run_sync(differences) == []


async def test_every_revision_goes_down_and_up(url: str) -> None:
    await migrate.upgrade(url)
    await migrate.downgrade(url, "base")
    await migrate.upgrade(url)

    assert await migrate.is_current(url)


async def test_units_use_as_many_connections_as_they_may(url: str, database: Database) -> None:
    small = await Database.open(url, pool=2)
    most = 0

    async def ask() -> None:
        nonlocal most
        async with small.unit() as unit:
            sql = (
                "SELECT count(*) FROM pg_stat_activity WHERE state = 'idle in transaction' AND pid <> pg_backend_pid()"
            )
            most = max(most, (await unit.connection.exec_driver_sql(sql)).scalar_one())

    await asyncio.gather(*(ask() for _ in range(12)))
    await small.close()

    assert most <= 1


async def test_a_connection_that_was_cut_is_named_and_the_next_unit_has_a_new_one(database: Database) -> None:
    async def cut_off() -> None:
        async with database.unit() as unit, database.unit() as other:
            await other.connection.exec_driver_sql(CUT)
            await unit.inbox.count_pending()

    with pytest.raises(DatabaseUnavailable):
        await cut_off()

    async with database.unit() as unit:
        assert await unit.inbox.count_pending() == 0


async def test_a_statement_that_is_not_answered_is_given_up_and_nothing_of_its_unit_stays(
    url: str, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("db.engine.STATEMENT_S", 0.3)
    async with database.unit() as unit:
        await unit.inbox.add([update(1)])
    hurried = await Database.open(url)

    async def wait() -> None:
        async with hurried.unit() as waiting:
            await waiting.inbox.add([update(2)])
            await waiting.inbox.begin(1)

    async with database.unit() as holding:
        await holding.inbox.begin(1)
        with pytest.raises(DatabaseUnavailable, match="in time"):
            await wait()
    async with hurried.unit() as unit:
        assert [record.update_id for record in await pending_updates(unit, 10)] == [1]
    await hurried.close()


async def test_a_missing_database_is_named(url: str) -> None:
    missing = make_url(url).set(database="nowhere").render_as_string(hide_password=False)
    with pytest.raises(DatabaseUnavailable, match="nowhere"):
        await migrate.upgrade(missing)


@pytest.mark.slow
@pytest.mark.parametrize("kill", [False, True], ids=["stopped", "crashed"])
async def test_a_server_that_was_away_has_kept_what_was_committed(own_server: PostgresServer, kill: bool) -> None:
    url = own_server.url(own_server.new_database(EMPTY))
    await migrate.upgrade(url)
    database = await Database.open(url)
    async with database.unit() as unit:
        job = await queued(unit, update_id=1)

    own_server.stop(kill=kill)
    with pytest.raises(DatabaseUnavailable):
        async with database.unit() as unit:
            await unit.users.seen(ANNA, "fr")
    own_server.start()

    async with database.unit() as unit:
        assert await unit.jobs.by_update(1) == job
        assert await unit.inbox.add([update(1)]) == [1]
    await database.close()
