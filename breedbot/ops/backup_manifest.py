"""`backup.json`: written last, so that a folder without one, or with one that does not fit, is no backup."""

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path

from bot.errors import BotError
from core.atomic_file import write_whole

FILE = "backup.json"
DATABASE = "breedbot.sqlite3"
PHOTOS = "photos"
MODELS = "models"
BREEDS = "breeds.json"
SCHEMA = 1
SHOWN = 200  # letters of what is wrong with it


class BackupDamaged(BotError):
    """The folder holds no backup, half of one, or one that was changed."""


@dataclass(frozen=True, slots=True)
class Note:
    """What a backup holds.

    Attributes:
        created_at: ISO 8601.
        database_sha256: of the database's file.
        photos: how many files there are.
        models: how many heads of the host's own.
        schema: of this note.
    """

    created_at: str
    database_sha256: str
    photos: int
    models: int
    schema: int = SCHEMA


_EXAMPLE = Note("", "", 0, 0)


def write_note(folder: Path, note: Note) -> None:
    """As a whole."""
    write_whole(folder / FILE, json.dumps(asdict(note), indent=1).encode())


def read_note(folder: Path) -> Note:
    """The note of a backup whose database is whole. Raises BackupDamaged."""
    try:
        stated = json.loads((folder / FILE).read_text(encoding="utf-8"))
        note = Note(**stated)
    except FileNotFoundError:
        raise BackupDamaged(f"{folder}: holds no {FILE}, so it is no backup, or one that was cut off") from None
    except (OSError, ValueError, TypeError, RecursionError) as error:
        raise BackupDamaged(f"{folder / FILE}: cannot be read, {str(error)[:SHOWN]}") from error
    if not all(type(value) is type(getattr(_EXAMPLE, key)) for key, value in stated.items()):
        raise BackupDamaged(f"{folder / FILE}: cannot be read, a value is of the wrong kind")
    if note.schema != SCHEMA:
        raise BackupDamaged(f"{folder / FILE}: has schema {note.schema}; this breedbot reads {SCHEMA}")
    database = folder / DATABASE
    if not database.is_file() or file_sha256(database) != note.database_sha256:
        raise BackupDamaged(f"{database}: is not the one that {FILE} states; back up again, or take another backup")
    return note


def file_sha256(path: Path) -> str:
    """Hex digest of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
