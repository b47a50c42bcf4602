"""The SQLite file behind the local chat: one connection, small transactions, a drawer of named values.

Calls are synchronous on purpose: each takes microseconds, and no other task can step in between, so a message and its
update are stored together or not at all. WAL without fsync survives kill -9 (not a power cut): enough for a test bench.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_SCHEMA = """
CREATE TABLE IF NOT EXISTS drawer (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS messages (
    serial INTEGER PRIMARY KEY AUTOINCREMENT, chat_id INTEGER NOT NULL, message_id INTEGER NOT NULL,
    payload TEXT NOT NULL, page TEXT NOT NULL, deleted INTEGER NOT NULL DEFAULT 0, UNIQUE (chat_id, message_id));
CREATE TABLE IF NOT EXISTS files (
    file_id TEXT PRIMARY KEY, path TEXT NOT NULL UNIQUE, unique_id TEXT NOT NULL, size INTEGER NOT NULL,
    media TEXT NOT NULL, serial INTEGER);
CREATE INDEX IF NOT EXISTS files_serial ON files (serial);
CREATE TABLE IF NOT EXISTS updates (update_id INTEGER PRIMARY KEY, payload TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS queries (
    query_id TEXT PRIMARY KEY, user_id INTEGER NOT NULL, chat_id INTEGER NOT NULL, message_id INTEGER NOT NULL,
    asked_at REAL NOT NULL, answer TEXT);
CREATE TABLE IF NOT EXISTS inline_queries (
    query_id TEXT PRIMARY KEY, user_id INTEGER NOT NULL, asked_at REAL NOT NULL, answer TEXT);
CREATE TABLE IF NOT EXISTS guest_queries (
    query_id TEXT PRIMARY KEY, chat_id INTEGER NOT NULL, message_id INTEGER NOT NULL, asked_at REAL NOT NULL,
    inline_message_id TEXT UNIQUE, answer_id INTEGER);
"""


class Database:
    """Opens the file, creating the tables."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._connection = sqlite3.connect(path, isolation_level=None)
        self._connection.row_factory = sqlite3.Row
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.execute("PRAGMA synchronous=NORMAL")
        self._connection.execute("PRAGMA busy_timeout=5000")
        self._connection.executescript(_SCHEMA)

    def close(self) -> None:
        """Further use is an error."""
        self._connection.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing; one inside another joins it. Never await inside."""
        if self._connection.in_transaction:
            yield
            return
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")

    def execute(self, sql: str, *values: object) -> sqlite3.Cursor:
        """One statement."""
        return self._connection.execute(sql, values)

    def row(self, sql: str, *values: object) -> sqlite3.Row | None:
        """The first row, or None."""
        row: sqlite3.Row | None = self._connection.execute(sql, values).fetchone()
        return row

    def rows(self, sql: str, *values: object) -> list[sqlite3.Row]:
        """All rows."""
        return self._connection.execute(sql, values).fetchall()

    def value(self, key: str, default: Any) -> Any:
        """What was put under `key`, or `default`."""
        row = self.row("SELECT value FROM drawer WHERE key = ?", key)
        return default if row is None else json.loads(row["value"])

    def set_value(self, key: str, value: object) -> None:
        """Anything JSON can hold."""
        self.execute("INSERT OR REPLACE INTO drawer VALUES (?, ?)", key, json.dumps(value))

    def next_number(self, key: str, first: int = 1) -> int:
        """A counter that never repeats, not even after a restart."""
        number: int = self.value(key, first - 1) + 1
        self.set_value(key, number)
        return number
