"""Migrations lead to exactly the tables, there and back, and lose nothing on failure."""

import asyncio
import sqlite3
import sys
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from db_samples import ANNA, BEN, PHOTO, claimed, predicted, prediction, said
from sqlalchemy import Connection, create_engine, inspect
from sqlalchemy.pool import NullPool

from core.claim import Decision, Verdict
from db import migrate
from db.chat.chat_records import PhotoForm
from db.database import Database
from db.errors import DatabaseCorrupt, SchemaTooNew, SchemaTooOld
from db.tables import metadata

BEFORE_CONSENT = f"""
    INSERT INTO users (id, created_at, seen_at) VALUES ({ANNA}, '2026-01-01', '2026-01-01');
    INSERT INTO photos VALUES ('{PHOTO}', 1, 'image/jpeg', 1, 1, '2026-01-01');
    INSERT INTO jobs (id, photo_sha256, user_id, chat_id, message_id, status, attempts, created_at, answered_at)
        VALUES (1, '{PHOTO}', {ANNA}, {ANNA}, 1, 'answered', 1, '2026-01-01', '2026-01-01'),
               (2, '{PHOTO}', {ANNA}, {ANNA}, 2, 'queued', 0, '2026-01-01', NULL);
    INSERT INTO predictions
        VALUES (1, 1, 't', {ANNA}, {ANNA}, 'breed', '[]', 0, 'm', 'b', '{PHOTO}', 3, '2026-01-01', x'');
    INSERT INTO feedback_events (id, prediction_id, user_id, verdict, breed, created_at)
        VALUES (1, 1, {ANNA}, 'correct', 'saluki', '2026-01-01'), (2, 1, {ANNA}, 'correct', 'pug', '2026-01-01');
    INSERT INTO accepted_claims VALUES (1, 1, 'saluki', 1, '2026-01-01');
    INSERT INTO accepted_counts VALUES ('saluki', 1);
    INSERT INTO review_queue VALUES (2, 1, {ANNA}, -0.5, 'pug', '2026-01-01', NULL);
"""
ALL = sorted(migrate.known_revisions())


def differences(connection: Connection) -> list[object]:
    return list(compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), metadata))


def schema(file: Path) -> list[tuple[str, list[str]]]:
    """Lines by name. A table that was copied has its constraints in another order, and its name in quotes."""
    with closing(sqlite3.connect(file)) as connection:
        made = connection.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
    lines = {name: [line.strip(", \n)") for line in sql.replace('"', "").split("\n\t")] for name, sql in made}
    return sorted((name, sorted(some, key=_constraints_last)) for name, some in lines.items())


def _constraints_last(line: str) -> str:
    return line if line.startswith("CONSTRAINT") else ""


def rows(file: Path) -> dict[str, list[tuple[object, ...]]]:
    """Everything that is stored, but for Alembic's note."""
    with closing(sqlite3.connect(file)) as connection:
        tables = [name for name, _ in schema(file) if not name.startswith(("ix_", "sqlite_", "alembic_"))]
        return {name: connection.execute(f"SELECT * FROM {name}").fetchall() for name in tables}


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


async def test_what_people_said_before_the_learning_loop_waits_and_counts_as_if_it_had_been_there(
    url: str, file: Path, database: Database
) -> None:
    async with database.unit() as unit:
        for user_id, verdict, decision, reviewer, reviewed in [
            (ANNA, Verdict.CORRECT, Decision.ACCEPTED, "moderator:1", None),
            (ANNA, Verdict.CONFIRM, Decision.ACCEPTED, "policy", None),
            (ANNA, Verdict.CONFIRM, Decision.ACCEPTED, "moderator:1", "pug"),
            (BEN, Verdict.CORRECT, Decision.REJECTED, "policy", None),
            (BEN, Verdict.DONT_KNOW, Decision.ACCEPTED, "cli", "beagle"),
            (BEN, Verdict.NOT_A_DOG, Decision.ACCEPTED, "cli", None),
        ]:
            claim = await claimed(unit, verdict, user_id=user_id)
            await unit.reviews.decide(claim.id, decision, reviewer=reviewer, breed=reviewed)
        taken_back = await claimed(unit)
        await unit.reviews.decide(taken_back.id, Decision.ACCEPTED, reviewer="cli")
        await said(unit, taken_back.prediction_id, Verdict.WITHDRAWN)
        for kind in ("breed", "not_a_dog"):
            for verdict in (Verdict.CONFIRM, Verdict.CORRECT, Verdict.NOT_A_DOG, Verdict.DONT_KNOW):
                await claimed(unit, verdict, answer=prediction(kind))
    await migrate.downgrade(url, "0002")
    before = rows(file)

    await migrate.downgrade(url, "0001")
    await migrate.upgrade(url, "0002")

    after = rows(file)
    assert {**before, "accepted_counts": [row for row in before["accepted_counts"] if row != ("saluki", 0)]} == after
    assert (len(after["review_queue"]), len(after["accepted_claims"])) == (6, 5)


async def test_what_people_put_right_counts_as_it_would_have_from_the_start(url: str, database: Database) -> None:
    async with database.unit() as unit:
        for user_id, verdict, kind, reviewed in [
            (ANNA, Verdict.CORRECT, "breed", None),
            (ANNA, Verdict.CORRECT, "breed", "pug"),
            (ANNA, Verdict.CORRECT, "breed", "saluki"),
            (ANNA, Verdict.NOT_A_DOG, "breed", "pug"),
            (ANNA, Verdict.OTHER, "breed", "pug"),
            (BEN, Verdict.CONFIRM, "breed", "pug"),
            (BEN, Verdict.CONFIRM, "not_a_dog", "not_a_dog"),
            (BEN, Verdict.DONT_KNOW, "breed", "pug"),
        ]:
            claim = await claimed(unit, verdict, user_id=user_id, answer=prediction(kind))
            await unit.reviews.decide(claim.id, Decision.ACCEPTED, reviewer="cli", breed=reviewed)
        now = await unit.reviews.by_users([ANNA, BEN])
    await migrate.downgrade(url, "0012")
    async with database.unit() as unit:
        before = await unit.reviews.by_users([ANNA, BEN])

    await migrate.upgrade(url)

    async with database.unit() as unit:
        after = await unit.reviews.by_users([ANNA, BEN])
    assert [(one.accepted, one.rejected) for one in before.values()] == [(5, 0), (3, 0)]
    assert [(one.accepted, one.rejected) for one in after.values()] == [(3, 2), (1, 1)]
    assert after == now


async def test_what_was_there_before_anybody_was_asked_waits_for_consent_and_its_photos_for_a_month(
    url: str, file: Path
) -> None:
    await migrate.upgrade(url, "0002")
    with closing(sqlite3.connect(file)) as connection:
        connection.executescript(BEFORE_CONSENT)

    await migrate.upgrade(url)

    after = rows(file)
    assert (after["review_queue"], after["accepted_claims"], after["accepted_counts"]) == ([], [], [("saluki", 0, 0)])
    database = await Database.open(url)
    async with database.unit(read_only=True) as unit:
        answered, waiting = await unit.jobs.get(1), await unit.jobs.get(2)
        anna = await unit.users.get(ANNA)
    await database.close()
    assert answered is not None
    assert answered.erase_at is not None
    assert timedelta(days=29) < answered.erase_at - datetime.now(UTC) < timedelta(days=30)
    assert (answered.form, answered.media_group_id) == (PhotoForm.PHOTO, None)
    assert waiting is not None
    assert waiting.erase_at is None
    assert anna is not None
    assert (anna.consent, anna.notified_at) == (None, None)


@pytest.mark.slow
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
