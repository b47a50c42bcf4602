"""`breedbot backup DIR`: database, photos, models and own breeds, while the bot goes on.

First the database, as it is at one moment, then the photos that it names: they are stored before the rows that name
them. A second backup into the same folder copies what is new, and takes away what the database no longer names.
`backup.json` is written last, so that a folder without one, or with one that does not fit, is no backup.
"""

import asyncio
import hashlib
import json
import shutil
from collections.abc import AsyncIterator, Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from bot.errors import BotError
from breedbot.ops.settings import Configuration
from core.atomic_file import write_whole
from db.admin.snapshot import snapshot
from db.database import Database
from db.errors import PhotoMissing
from db.photos.photo_store import PhotoFolder, PhotoStore, open_photo_store
from db.url import sqlite_url
from inference.store.folder_store import ModelStore

FILE = "backup.json"
DATABASE = "breedbot.sqlite3"
PHOTOS = "photos"
MODELS = "models"
BREEDS = "breeds.json"
SCHEMA = 1
SHOWN = 200  # letters of what is wrong with that file
PAGE = 500
AT_ONCE = 8


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


@dataclass(frozen=True, slots=True)
class BackedUp:
    """What a backup holds, what was new, and photos that the database names and the store lacks."""

    photos: int
    new_photos: int
    missing_photos: int
    models: int
    database_bytes: int

    @property
    def text(self) -> str:
        """For people."""
        size = f"{self.database_bytes / 2**20:.1f} MB of database"
        return f"{size}, {self.photos:,} photos ({self.new_photos:,} new), {self.models:,} models of your own"

    def to_json(self) -> dict[str, int]:
        """What `backup --json` prints."""
        return asdict(self)


async def back_up(
    settings: Configuration, store: ModelStore, folder: Path, step: Callable[[float], None] = lambda _share: None
) -> BackedUp:
    """Write a backup; a folder that holds an older one is brought up to date.

    `step` hears how far the photos are, from 0 to 1. Raises: DatabaseError, PhotoStoreError, ArtefactError, OSError -
    an older backup is still whole, or has to be made again.
    """
    file = await asyncio.to_thread(_prepared, folder)
    await snapshot(settings.database_url, file)
    photos = PhotoFolder(folder / PHOTOS, reserve_bytes=0)
    named, new, missing = await _copy_photos(file, open_photo_store(settings.photo_store), photos, step)
    models = ModelStore(folder / MODELS, folder / "nothing-shipped")
    await asyncio.to_thread(_copy_models, store, models)
    if settings.own_breeds.exists():
        await asyncio.to_thread(shutil.copyfile, settings.own_breeds, folder / BREEDS)
    await asyncio.to_thread(file.replace, folder / DATABASE)
    there = len(named) - missing
    heads = len(models.own_names("heads"))
    created = datetime.now(UTC).isoformat(timespec="seconds")
    write_note(folder, Note(created, await asyncio.to_thread(file_sha256, folder / DATABASE), there, heads))
    await _take_away(photos, named)
    return BackedUp(there, new, missing, heads, (folder / DATABASE).stat().st_size)


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


def _prepared(folder: Path) -> Path:
    """Make the folder; where the new database goes."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)  # photos and ids of people
    file = folder / f".{DATABASE}"
    file.unlink(missing_ok=True)
    return file


async def _copy_photos(
    file: Path, source: PhotoStore, target: PhotoStore, step: Callable[[float], None]
) -> tuple[set[str], int, int]:
    """Names of all, how many were new, how many are missing."""
    named: set[str] = set()
    new = missing = 0
    turns = asyncio.Semaphore(AT_ONCE)

    async def copy(sha256: str) -> None:
        nonlocal new, missing
        async with turns:
            if await target.has(sha256):
                return
            try:
                await target.put(await source.get(sha256))
                new += 1
            except PhotoMissing:
                missing += 1

    async for page, share in _pages(file):
        await asyncio.gather(*map(copy, page))
        named.update(page)
        step(share)
    return named, new, missing


async def _pages(file: Path) -> AsyncIterator[tuple[list[str], float]]:
    database = await Database.open(sqlite_url(file))
    try:
        async with database.unit(read_only=True) as unit:
            count, seen, after = await unit.photos.count(), 0, ""
            while page := await unit.photos.names(after, PAGE):
                seen, after = seen + len(page), page[-1]
                yield page, seen / max(1, count)
    finally:
        await database.close()


def _copy_models(source: ModelStore, target: ModelStore) -> None:
    for pointer in ("champion.json", "shadow.json"):  # they are taken over as they are now
        (target.root / pointer).unlink(missing_ok=True)
    target.adopt(source)


async def _take_away(photos: PhotoFolder, named: set[str]) -> None:
    """What was deleted in the bot shall not live on in its backup."""
    files = await asyncio.to_thread(lambda: [path.name for path in photos.root.glob("*/*/*")])
    for name in set(files) - named:
        if len(name) == 64:
            await photos.delete(name)
    await photos.clean()
