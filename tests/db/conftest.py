"""A real database for every test: SQLite and PostgreSQL by turns, unless the test asks for the SQLite `file`."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from db_clock import StoppedClock
from postgres_server import EMPTY, MIGRATED, PostgresServer
from sqlite_file import write_migrated

from db.database import Database
from db.url import sqlite_url

SQLITE, POSTGRESQL = "sqlite", "postgresql"
MARKS: dict[str, list[pytest.MarkDecorator]] = {SQLITE: [], POSTGRESQL: [pytest.mark.servers]}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Whoever works with a database works with both; `file` in its arguments, or no server for it, says SQLite."""
    if "engine" not in metafunc.fixturenames:
        return
    asked = metafunc.definition._fixtureinfo.argnames
    only = getattr(metafunc.module, "ENGINES", (SQLITE, POSTGRESQL))
    engines = [SQLITE] if "file" in asked else only
    metafunc.parametrize("engine", [pytest.param(one, marks=MARKS[one]) for one in engines])


@pytest.fixture
def clock() -> StoppedClock:
    return StoppedClock()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "data" / "breedbot.sqlite3"


@pytest.fixture
def url(engine: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """Of a database without tables; with them where `database` is asked for."""
    if engine == SQLITE:
        file: Path = request.getfixturevalue("file")
        yield write_migrated(file) if "database" in request.fixturenames else sqlite_url(file)
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    name = server.new_database(MIGRATED if "database" in request.fixturenames else EMPTY)
    yield server.url(name)
    server.drop_database(name)


@pytest.fixture
async def database(url: str, clock: StoppedClock) -> AsyncIterator[Database]:
    database = await Database.open(url, clock=clock)
    yield database
    await database.close()
