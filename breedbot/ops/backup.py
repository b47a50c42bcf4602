"""`breedbot backup DIR`: database, photos, models and own breeds, while the bot goes on.

First the database, as it is at one moment, then the photos that it names: they are stored before the rows that name
them. A second backup into the same folder copies what is new, and takes away what the database no longer names.
"""

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from breedbot.ops.backup_manifest import BREEDS, DATABASE, MODELS, PHOTOS, Note, file_sha256, write_note
from breedbot.ops.settings import Configuration
from db.admin.snapshot import snapshot
from db.database import Database
from db.errors import PhotoMissing
from db.photos.photo_store import PhotoStore, open_photo_store
from db.url import sqlite_url
from inference.store.folder_store import ModelStore

PAGE = 500
AT_ONCE = 8


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
    photos = PhotoStore(folder / PHOTOS, reserve_bytes=0)
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


async def _take_away(photos: PhotoStore, named: set[str]) -> None:
    """What was deleted in the bot shall not live on in its backup."""
    files = await asyncio.to_thread(lambda: [path.name for path in photos.root.glob("*/*/*")])
    for name in set(files) - named:
        if len(name) == 64:
            await photos.delete(name)
    await photos.clean()
