"""Fixtures of the fuzzing tests, and what they have to tell at the end."""

import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from console_desk import Desk, open_desk
from fuzz_size import DEFAULT, SIZE
from odd_life import OddLife, odd_life
from sqlite_file import write_migrated
from toll import TOLLS, Toll


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--fuzz", type=int, metavar="N", help="fuzz with N updates, and in proportion with all else")
    parser.addoption("--fuzz-minutes", type=float, metavar="M", help="fuzz with updates for so long at the most")
    parser.addoption("--fuzz-first", type=int, metavar="SEED", help="the first seed; another one, other updates")


def pytest_configure(config: pytest.Config) -> None:
    SIZE.updates = config.getoption("--fuzz", None) or DEFAULT
    SIZE.ends_at = time.monotonic() + 60 * (config.getoption("--fuzz-minutes", None) or float("inf"))
    SIZE.first = config.getoption("--fuzz-first", None) or 0


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for toll in TOLLS:
        terminalreporter.write_line(str(toll))


@pytest_asyncio.fixture
async def life(tmp_path: Path) -> AsyncIterator[OddLife]:
    async with odd_life(tmp_path) as life:
        yield life


@pytest_asyncio.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    write_migrated(tmp_path / "bot.db")
    async with open_desk(tmp_path) as desk:
        yield desk


@pytest.fixture
def toll(request: pytest.FixtureRequest) -> Iterator[Toll]:
    """What this test cost: time, and memory that it did not give back."""
    with Toll(request.node.name).taken() as toll:
        yield toll
