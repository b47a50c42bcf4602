"""Files people and the bot have sent: bytes on disk under Telegram-like paths, ids and sizes in the database."""

from __future__ import annotations

import secrets
import sqlite3
from dataclasses import dataclass
from pathlib import Path

from sandbox.state.database import Database

_FOLDERS = {
    "photo": "photos",
    "thumbnail": "thumbnails",
    "document": "documents",
    "sticker": "stickers",
    "voice": "voice",
    "audio": "music",
    "video": "videos",
    "animation": "animations",
}
# The first letters of real file ids tell the type; bots must not rely on them, people who read logs do.
_PREFIXES = {"photo": "AgAC", "thumbnail": "AAMC", "sticker": "CAAC", "voice": "AwAC", "video": "BAAC"}


@dataclass(frozen=True, slots=True)
class StoredFile:
    """One file; `path` is Bot API's file_path."""

    file_id: str
    unique_id: str
    path: str
    size_bytes: int
    media: str

    def fields(self) -> dict[str, str | int]:
        """What every Bot API object with a file has."""
        return {"file_id": self.file_id, "file_unique_id": self.unique_id, "file_size": self.size_bytes}


class Files:
    """Adopts files by rename, so that a half-written file is never seen."""

    def __init__(self, database: Database, root: Path) -> None:
        self._database = database
        self._root = root
        self.local = False  # whether bots are told where on the disk files are, as a server with --local does
        self.incoming = root / "incoming"
        self.incoming.mkdir(parents=True, exist_ok=True)
        for leftover in self.incoming.iterdir():
            leftover.unlink()

    def incoming_path(self) -> Path:
        """Where to write a file before it is adopted."""
        return self.incoming / secrets.token_hex(8)

    def adopt(self, source: Path, media: str, suffix: str) -> StoredFile:
        """Moves `source` into the store under a new id."""
        number = self._database.next_number("file_number")
        path = f"{_FOLDERS[media]}/file_{number}{suffix}"
        target = self._root / path
        target.parent.mkdir(exist_ok=True)
        size_bytes = source.stat().st_size
        source.replace(target)
        file = StoredFile(
            file_id=_PREFIXES.get(media, "BQAC") + secrets.token_urlsafe(40),
            unique_id="AQAD" + secrets.token_urlsafe(9),
            path=path,
            size_bytes=size_bytes,
            media=media,
        )
        self._database.execute(
            "INSERT INTO files VALUES (?, ?, ?, ?, ?, NULL)", file.file_id, path, file.unique_id, size_bytes, media
        )
        return file

    def get(self, file_id: str) -> StoredFile | None:
        """By the id a bot was given."""
        return _file(self._database.row("SELECT * FROM files WHERE file_id = ?", file_id))

    def by_path(self, path: str) -> StoredFile | None:
        """By Bot API's file_path."""
        return _file(self._database.row("SELECT * FROM files WHERE path = ?", path))

    def on_disk(self, file: StoredFile) -> Path:
        """Where the bytes are."""
        return self._root / file.path

    def use(self, file_ids: list[str], serial: int) -> None:
        """Notes that message `serial` shows these files; a file lives as long as the newest message showing it."""
        for file_id in file_ids:
            self._database.execute("UPDATE files SET serial = ? WHERE file_id = ?", serial, file_id)

    def shown_in(self, file: StoredFile) -> int:
        """The serial of the newest message showing the file; 0 when none does."""
        row = self._database.row("SELECT serial FROM files WHERE file_id = ?", file.file_id)
        return int(row["serial"] or 0) if row else 0

    def total_bytes(self) -> int:
        """Of all files kept."""
        row = self._database.row("SELECT COALESCE(SUM(size), 0) AS total FROM files")
        return int(row["total"]) if row else 0

    def prune(self, below_serial: int) -> None:
        """Removes the files of pruned messages."""
        for row in self._database.rows("SELECT * FROM files WHERE serial < ?", below_serial):
            (self._root / row["path"]).unlink(missing_ok=True)
        self._database.execute("DELETE FROM files WHERE serial < ?", below_serial)


def _file(row: sqlite3.Row | None) -> StoredFile | None:
    if row is None:
        return None
    return StoredFile(row["file_id"], row["unique_id"], row["path"], row["size"], row["media"])
