"""Fixtures of the API."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio
from api_desk import ApiDesk, open_desk
from sqlite_file import write_migrated


@pytest_asyncio.fixture
async def api(tmp_path: Path) -> AsyncIterator[ApiDesk]:
    write_migrated(tmp_path / "bot.db")
    async with open_desk(tmp_path) as desk:
        yield desk
