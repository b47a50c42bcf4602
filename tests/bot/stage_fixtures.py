"""Fixtures of the stage, for every room that has a bot on it."""

from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from cluster_stage import ClusterStage
from postgres_server import PostgresServer
from sqlite_file import write_migrated
from stage import LOCAL, Stage

from sandbox import LocalChat

BuildStage = Callable[[LocalChat], Stage]


@pytest.fixture
def line() -> str:
    """What the stage has between bot and worker."""
    return LOCAL


@pytest.fixture
def build_stage(tmp_path: Path, line: str, request: pytest.FixtureRequest) -> Iterator[BuildStage]:
    """Makes the stage around a chat; its database is empty."""
    if line == LOCAL:
        write_migrated(tmp_path / "bot.db")
        yield lambda chat: Stage(chat, tmp_path)
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    nats: str = request.getfixturevalue("nats_url")
    name = server.new_database()
    yield lambda chat: ClusterStage(chat, tmp_path, postgres=server, name=name, nats_url=nats)
    server.drop_database(name)


@pytest_asyncio.fixture
async def stage(tmp_path: Path, build_stage: BuildStage) -> AsyncIterator[Stage]:
    """A chat server and an empty database; `stage.bot()` brings the bot."""
    async with LocalChat.running(tmp_path / "chat") as chat:
        yield build_stage(chat)
