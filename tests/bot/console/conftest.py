"""Fixtures of the console."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio
from console_desk import Desk, open_desk
from stage import new_database


@pytest_asyncio.fixture
async def desk(tmp_path: Path, migrated: Path) -> AsyncIterator[Desk]:
    new_database(migrated, tmp_path)
    async with open_desk(tmp_path) as desk:
        yield desk
