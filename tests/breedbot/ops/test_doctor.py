"""What a start would refuse, the doctor finds, and it leaves nothing behind."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from ports import free_port
from postgres_server import PostgresServer

from breedbot.ops.doctor import bot_findings
from breedbot.ops.doctor_model import Finding, Level
from breedbot.ops.settings import Configuration
from db import migrate
from inference.model.artefact import ArtefactError
from inference.store.folder_store import ModelStore


async def found(check: str, **settings: object) -> Finding:
    configuration = Configuration(_env_file=None, **{"http_port": 0, "chat_port": 0} | settings)  # type: ignore[arg-type, call-arg]
    return next(one for one in await bot_findings(configuration) if one.check.startswith(check))


async def test_a_database_that_cannot_be_made_is_found(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    finding = await found("database", data_dir=tmp_path, database_url=f"sqlite:///{tmp_path}/file/below/bot.db")

    assert finding.level is Level.FAIL
    assert "BREEDBOT_DATABASE_URL" in finding.remedy


async def test_a_database_that_is_still_to_be_made_is_not_made(tmp_path: Path) -> None:
    finding = await found("database", data_dir=tmp_path / "data")

    assert finding.level is Level.OK
    assert not (tmp_path / "data").exists()


async def test_rows_that_point_nowhere_are_found_as_the_start_finds_them(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path}/bot.db"
    await migrate.upgrade(url)
    with closing(sqlite3.connect(tmp_path / "bot.db")) as connection, connection:
        columns = "(prediction_id, user_id, verdict, created_at)"
        connection.execute(f"INSERT INTO feedback_events {columns} VALUES (77, 1, 'correct', '2026-11-30')")
    finding = await found("database", data_dir=tmp_path, database_url=url)

    assert finding.level is Level.FAIL
    assert "point nowhere" in finding.detail


async def test_an_older_database_is_rehearsed_and_stays_as_it_is(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path}/bot.db"
    await migrate.upgrade(url, "0005")
    finding = await found("database", data_dir=tmp_path, database_url=url)

    assert finding.level is Level.WARN
    assert await migrate.current(url) == "0005"


async def test_an_empty_database_of_a_server_stays_empty(tmp_path: Path, postgres: PostgresServer) -> None:
    url = postgres.url(postgres.new_database("template1"))
    finding = await found("database", data_dir=tmp_path, database_url=url)

    assert finding.level is Level.OK
    assert await migrate.current(url) is None


async def test_one_port_for_two_servers_is_found(tmp_path: Path) -> None:
    port = free_port()

    assert (await found("port", data_dir=tmp_path, http_port=port, chat_port=port)).level is Level.FAIL


def test_models_in_a_file_are_found(tmp_path: Path) -> None:
    (tmp_path / "models").touch()

    with pytest.raises(ArtefactError, match="not a folder"):
        ModelStore(tmp_path / "models").examine()
