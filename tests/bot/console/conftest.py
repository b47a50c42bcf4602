"""Fixtures of the console."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio
from console_desk import Desk, open_desk
from sqlite_file import write_migrated


@pytest_asyncio.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    write_migrated(tmp_path / "bot.db")
    async with open_desk(tmp_path) as desk:
        yield desk
