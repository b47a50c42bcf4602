"""`breedbot bot` as processes beside real servers, and `breedbot db copy` to one of them."""

import asyncio
import json
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from cli_types import Cli, Start
from postgres_server import EMPTY, PostgresServer
from test_cli_run import line_with

from db import migrate
from db.chat.inbox import IncomingUpdate
from db.database import Database
from db.url import sqlite_url
from sandbox import LocalChat


@pytest.fixture
def server_url(postgres: PostgresServer) -> Iterator[str]:
    """Of an empty database, as an operator would write it."""
    name = postgres.new_database(EMPTY)
    yield postgres.url(name).replace("postgresql+asyncpg://", "postgres://")
    postgres.drop_database(name)


async def some_updates(url: str) -> None:
    await migrate.upgrade(url)
    database = await Database.open(url)
    async with database.unit() as unit:
        await unit.inbox.add([IncomingUpdate(number, number, {"n": number}) for number in range(700)])
    await database.close()


async def pending(url: str) -> int:
    database = await Database.open(url)
    async with database.unit(read_only=True) as unit:
        count = await unit.inbox.count_pending()
    await database.close()
    return count


def test_an_installation_is_copied_to_postgresql_once(cli: Cli, home: Path, server_url: str) -> None:
    asyncio.run(some_updates(sqlite_url(home / "data" / "breedbot.sqlite3")))

    copied = cli("db", "copy", server_url, "--json")
    again = cli("db", "copy", server_url)

    assert copied.exit_code == 0, copied.exception
    assert json.loads(copied.stdout)["rows"] == 700
    assert asyncio.run(pending(server_url)) == 700
    assert again.exit_code == 1
    assert "inbox has rows already" in again.stderr


def test_a_url_that_is_none_is_refused_before_anything_is_read(cli: Cli) -> None:
    refused = cli("db", "copy", "mysql://h/n")

    assert refused.exit_code != 0


@pytest.mark.slow
@pytest.mark.parametrize(
    ("program", "missing"),
    [
        ("bot", {"BREEDBOT_QUEUE_URL": "nats://127.0.0.1:4"}),
        ("worker", {"BREEDBOT_QUEUE_URL": "nats://127.0.0.1:4"}),
        ("bot", {"BREEDBOT_DATABASE_URL": "postgresql://u:p@127.0.0.1:4/x"}),
    ],
)
def test_a_program_that_waits_for_a_server_ends_when_asked_to(
    start: Start, monkeypatch: pytest.MonkeyPatch, program: str, missing: dict[str, str]
) -> None:
    monkeypatch.setenv("BREEDBOT_TELEGRAM_TOKEN", "1:" + 35 * "a")
    monkeypatch.setenv("BREEDBOT_QUEUE_URL", "nats://127.0.0.1:4")
    for name, url in missing.items():
        monkeypatch.setenv(name, url)
    waiting = start(program)
    line_with(waiting, "waiting")

    waiting.send_signal(signal.SIGTERM)
    _, said = waiting.communicate(timeout=60)

    assert (waiting.returncode, "Traceback" in said) == (0, False), said


@pytest.mark.slow
def test_bots_beside_each_other_start_and_stop_in_good_order(
    start: Start, nats_url: str, server_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("BREEDBOT_QUEUE_URL", nats_url)
    monkeypatch.setenv("BREEDBOT_DATABASE_URL", server_url)

    async def serve() -> list[int]:
        async with LocalChat.running(tmp_path / "chat") as chat:
            monkeypatch.setenv("BREEDBOT_TELEGRAM_API", chat.url)
            monkeypatch.setenv("BREEDBOT_TELEGRAM_TOKEN", chat.token)
            both = [start("bot"), start("bot")]
            for bot in both:
                await asyncio.to_thread(line_with, bot, "ready")
            for bot in both:
                bot.send_signal(signal.SIGTERM)
                _, said = await asyncio.to_thread(bot.communicate, timeout=60)
                assert "Traceback" not in said
            return [bot.returncode for bot in both]

    assert asyncio.run(serve()) == [0, 0]


def test_a_bot_without_a_shared_queue_says_what_it_needs(cli: Cli) -> None:
    refused = cli("bot")

    assert refused.exit_code == 1
    assert "nats://" in refused.stderr
