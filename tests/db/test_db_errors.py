"""What goes wrong is said with the file and what to do."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from db_samples import ANNA, update
from sqlalchemy import Enum, select
from sqlalchemy.exc import IntegrityError, StatementError

from db import errors, migrate
from db.database import Database
from db.tables import inbox, jobs, users


async def test_a_file_that_is_something_else_is_named(tmp_path: Path) -> None:
    file = tmp_path / "breedbot.sqlite3"
    file.write_bytes(b"not a database at all" * 1000)

    for refused in (migrate.upgrade(f"sqlite:///{file}"), Database.open(f"sqlite:///{file}")):
        with pytest.raises(errors.DatabaseCorrupt, match=f"{file} is not an SQLite database"):
            await refused
    assert file.read_bytes() == b"not a database at all" * 1000


async def test_a_damaged_file_is_named(database: Database, url: str, file: Path) -> None:
    async with database.unit() as unit:
        await unit.inbox.add([update(number) for number in range(500)])
    await database.close()
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        [root] = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'inbox'").fetchone()
    with file.open("r+b") as damaged:
        damaged.seek((root - 1) * 4096)
        damaged.write(b"\xff" * 4096)

    again = await Database.open(url)
    with pytest.raises(errors.DatabaseCorrupt, match=rf"{file} is damaged.*backup"):
        async with again.unit(read_only=True) as unit:
            await unit.inbox.get(5)
    await again.close()


async def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    target = tmp_path / "file" / "data" / "breedbot.sqlite3"

    with pytest.raises(errors.DatabaseUnwritable, match=rf"{target}.*BREEDBOT_DATA_DIR"):
        await migrate.upgrade(f"sqlite:///{target}")


async def test_a_file_that_cannot_be_opened_is_named(tmp_path: Path) -> None:
    with pytest.raises(errors.DatabaseUnwritable, match=f"{tmp_path} cannot be opened"):
        await migrate.upgrade(f"sqlite:///{tmp_path}")


async def test_a_full_disk_is_named_and_nothing_half_done_stays(database: Database, file: Path) -> None:
    async with database.unit() as unit:
        pages = (await unit.connection.exec_driver_sql("PRAGMA page_count")).scalar_one()
        await unit.connection.exec_driver_sql(f"PRAGMA max_page_count = {pages + 5}")

    with pytest.raises(errors.DatabaseFull, match=rf"{file} cannot grow.*free some space"):
        async with database.unit() as unit:
            await unit.inbox.add([update(number) for number in range(5000)])

    async with database.unit() as unit:
        assert await unit.inbox.count_pending() == 0
        await unit.connection.exec_driver_sql("PRAGMA max_page_count = 1000000")
        assert await unit.inbox.add([update(1)]) == [1]


async def test_ping_tells_whether_the_database_answers(database: Database) -> None:
    await database.ping()


async def test_mistakes_in_the_code_are_not_dressed_up(database: Database) -> None:
    with pytest.raises(IntegrityError):
        async with database.unit() as unit:
            await unit.jobs.add(photo_sha256="c" * 64, user_id=ANNA, chat_id=1, message_id=1)


async def test_what_people_wrote_is_not_in_error_messages(database: Database) -> None:
    with pytest.raises(IntegrityError) as error:
        async with database.unit() as unit:
            await unit.connection.execute(inbox.insert().values(update_id=1, payload={"text": "secret"}))

    assert "secret" not in str(error.value)


async def test_a_server_that_needs_a_missing_package_or_does_not_answer_is_named_without_its_password() -> None:
    with pytest.raises(errors.DatabaseUnavailable) as error:
        await migrate.upgrade("postgresql://bot:hunter2@127.0.0.1:1/breedbot")

    assert "bot:***@127.0.0.1" in str(error.value)
    assert "hunter2" not in str(error.value)


async def test_times_are_utc_whatever_zone_they_came_in(database: Database, engine: str) -> None:
    noon_in_paris = datetime(2026, 7, 1, 12, tzinfo=timezone(timedelta(hours=2)))
    row = {"id": 1, "created_at": noon_in_paris, "seen_at": noon_in_paris}
    async with database.unit() as unit:
        await unit.connection.execute(users.insert().values(row))
        user = await unit.users.get(1)
        stored = (await unit.connection.exec_driver_sql("SELECT created_at FROM users")).scalar()

    assert user is not None
    assert user.created_at == noon_in_paris
    assert user.created_at.tzinfo is UTC
    assert stored == ("2026-07-01 10:00:00.000000" if engine == "sqlite" else noon_in_paris)


async def test_a_time_without_zone_is_refused(database: Database) -> None:
    with pytest.raises(StatementError, match="no timezone"):
        async with database.unit() as unit:
            await unit.connection.execute(select(users).where(users.c.seen_at > datetime(2026, 1, 1)))  # noqa: DTZ001


def test_every_error_is_drawn_in_the_tree_at_the_top() -> None:
    classes = [
        kind.__name__ for kind in vars(errors).values() if isinstance(kind, type) and kind.__module__ == errors.__name__
    ]

    assert classes
    assert all(name in (errors.__doc__ or "") for name in classes)


def test_enums_are_stored_as_their_values() -> None:
    assert isinstance(jobs.c.status.type, Enum)
    assert jobs.c.status.type.enums == ["queued", "predicted", "answered", "failed"]
