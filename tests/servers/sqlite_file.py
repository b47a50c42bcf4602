"""SQLite databases with all tables and no rows: made once in a process and copied, a twentieth of the time."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from db import migrate
from db.url import sqlite_url


def write_migrated(file: Path) -> str:
    """Write an empty database. Returns: its URL."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(_migrated())
    return sqlite_url(file)


@cache
def _migrated() -> bytes:
    with TemporaryDirectory() as folder, ThreadPoolExecutor(1) as elsewhere:  # a test's event loop may be running here
        file = Path(folder) / "migrated.db"
        elsewhere.submit(asyncio.run, migrate.upgrade(sqlite_url(file))).result()
        return file.read_bytes()
