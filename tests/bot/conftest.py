"""Fixtures of the Telegram side."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from stage import Stage, new_database

from bot.localchat import LocalChat
from db.migrate import upgrade
from db.url import sqlite_url


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file with all tables and no rows."""
    file = tmp_path_factory.mktemp("migrated") / "bot.db"
    asyncio.run(upgrade(sqlite_url(file)))
    return file


@pytest_asyncio.fixture
async def stage(tmp_path: Path, migrated: Path) -> AsyncIterator[Stage]:
    """A chat server and an empty database; `stage.bot()` brings the bot."""
    new_database(migrated, tmp_path)
    async with LocalChat.running(tmp_path / "chat") as chat:
        yield Stage(chat, tmp_path)
