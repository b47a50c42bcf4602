"""Fixtures of several rooms: an empty database with all tables, and servers."""

import asyncio
from pathlib import Path

import pytest
from nats_servers import nats_url, shared_nats
from postgres_server import postgres
from s3_server import s3, s3_server

from db.migrate import upgrade
from db.url import sqlite_url

__all__ = ["nats_url", "postgres", "s3", "s3_server", "shared_nats"]


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file with all tables and no rows."""
    file = tmp_path_factory.mktemp("migrated") / "bot.db"
    asyncio.run(upgrade(sqlite_url(file)))
    return file
