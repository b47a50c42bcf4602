"""A copy holds every row of the other database, or none; ids go on where they were."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from db_clock import StoppedClock
from db_samples import ANNA, BEN, OTHER_PHOTO, claimed, predicted, queued, update
from postgres_server import MIGRATED, PostgresServer
from sqlalchemy import select
from sqlite_file import write_migrated

from core.claim import Decision, Verdict
from db.admin.copy import PAGE, TABLES, copy_database, rows_in
from db.database import Database
from db.errors import CopyRefused

ENGINES = ("postgresql",)  # the copy; the source is SQLite


@pytest.fixture
async def source(file: Path, clock: StoppedClock) -> AsyncIterator[Database]:
    database = await Database.open(write_migrated(file), clock=clock)
    yield database
    await database.close()


async def some_of_everything(database: Database) -> None:
    async with database.unit() as unit:
        await unit.inbox.add([update(1), update(2, None)])
        await unit.inbox.finish(2)
        for verdict in Verdict:
            claim = await claimed(unit, verdict)
        await unit.reviews.decide(claim.id, Decision.REJECTED, reviewer="moderator:1", reason="no é")
        accepted = await claimed(unit, breed="pug", user_id=BEN, photo=OTHER_PHOTO)
        await unit.reviews.decide(accepted.id, Decision.ACCEPTED, reviewer="cli")
        await unit.model_versions.add("head-2", backbone_id="b", manifest={"a": [1.5, None, {"b": "é"}]})
        await unit.evidence.add("head-2", [accepted.id])
        await unit.thanks.add("head-2")
        await unit.albums.open(ANNA, "g", ANNA)
        await unit.chats.set_answers_all(-5, True, set_by=ANNA)
        await unit.console.add_link("h", moderator_id=1, expires_at=unit.inbox._now() + timedelta(minutes=1))
        await unit.leases.take(["poller"], "somebody", 10)


async def everything(database: Database) -> dict[str, list[object]]:
    async with database.unit(read_only=True) as unit:
        return {
            table.name: [
                tuple(row) for row in await unit.connection.execute(select(table).order_by(*table.primary_key))
            ]
            for table in TABLES
        }


async def test_every_row_is_there_afterwards_and_the_count_is_told(source: Database, database: Database) -> None:
    await some_of_everything(source)
    steps: list[int] = []

    copied = await copy_database(source, database, steps.append)

    there = await everything(database)
    assert there == await everything(source)
    assert {name: len(rows) for name, rows in there.items()} == copied.rows
    assert sum(bool(rows) for rows in there.values()) >= 15
    assert steps[-1] == 2 * copied.total == 2 * await rows_in(source)


async def test_new_ids_follow_the_last_one_that_was_ever_given(source: Database, database: Database) -> None:
    async with source.unit() as unit:
        await queued(unit)
        forgotten = await queued(unit, user_id=BEN, photo=OTHER_PHOTO)
        await unit.users.forget(BEN)
    await copy_database(source, database)

    async with database.unit() as unit:
        new = await predicted(unit)
    assert new.job_id == forgotten.id + 1


async def test_more_rows_than_a_page_are_all_copied(source: Database, database: Database) -> None:
    async with source.unit() as unit:
        await unit.inbox.add([update(number) for number in range(2 * PAGE + 1)])

    copied = await copy_database(source, database)

    assert copied.rows["inbox"] == 2 * PAGE + 1
    async with database.unit(read_only=True) as unit:
        assert await unit.inbox.count_pending() == 2 * PAGE + 1


async def test_a_database_that_has_rows_is_refused(source: Database, database: Database) -> None:
    await some_of_everything(source)
    async with database.unit() as unit:
        await unit.inbox.add([update(7)])

    with pytest.raises(CopyRefused, match="inbox has rows already"):
        await copy_database(source, database)

    async with database.unit(read_only=True) as unit:
        assert await unit.inbox.count_pending() == 1
        assert await unit.users.count() == 0


async def test_a_row_that_the_server_cannot_hold_is_named_and_nothing_is_copied(
    source: Database, database: Database
) -> None:
    await some_of_everything(source)
    with closing(sqlite3.connect(source.url.database or "")) as behind, behind:
        behind.execute(f"UPDATE users SET language = '{'x' * 40}' WHERE id = {BEN}")

    with pytest.raises(CopyRefused, match=r"users, row .* too long"):
        await copy_database(source, database)

    assert await rows_in(database) == 0


async def test_the_way_back_is_the_same(database: Database, source: Database, postgres: PostgresServer) -> None:
    await some_of_everything(database)

    await copy_database(database, source)

    assert await everything(source) == await everything(database)
    async with source.unit() as unit:
        assert (await queued(unit)).id == len(Verdict) + 2


async def test_what_came_out_different_is_named_and_nothing_stays(
    source: Database, postgres: PostgresServer, clock: StoppedClock
) -> None:
    await some_of_everything(source)
    name = postgres.new_database(MIGRATED)
    change = "BEGIN NEW.message_id := NEW.message_id + 1; RETURN NEW; END"
    postgres.execute(f"CREATE FUNCTION change() RETURNS trigger LANGUAGE plpgsql AS $$ {change} $$", name)
    trigger = "CREATE TRIGGER change BEFORE INSERT ON jobs FOR EACH ROW EXECUTE FUNCTION change()"
    postgres.execute(trigger, name)
    target = await Database.open(postgres.url(name), clock=clock)

    with pytest.raises(CopyRefused, match="jobs, row .* different"):
        await copy_database(source, target)

    assert await rows_in(target) == 0
    await target.close()
    postgres.drop_database(name)
