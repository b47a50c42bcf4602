"""A real SQLite file for every test."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from db_clock import StoppedClock

from db import migrate
from db.database import Database


@pytest.fixture
def clock() -> StoppedClock:
    return StoppedClock()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "data" / "breedbot.sqlite3"


@pytest.fixture
def url(file: Path) -> str:
    return f"sqlite+aiosqlite:///{file}"


@pytest.fixture
async def database(url: str, clock: StoppedClock) -> AsyncIterator[Database]:
    await migrate.upgrade(url)
    database = await Database.open(url, clock=clock)
    yield database
    await database.close()
