"""`breedbot restore DIR`: a backup becomes an installation, wherever the settings say: folders, buckets, any database.

The database comes last: cut off anywhere, a restore can be made again.
"""

import asyncio
import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bot.errors import BotError
from breedbot.ops.backup import BREEDS, DATABASE, MODELS, PHOTOS, SHOWN, BackupDamaged, read_note
from breedbot.ops.settings import Configuration
from breedbot.serve.data_lock import data_lock
from db import migrate
from db.admin.snapshot import copied, foreign_parts
from db.photos.photo_store import PhotoStore, open_photo_store
from db.url import database_url, exists, is_sqlite, place, sqlite_url
from inference.store.folder_store import ModelStore

PAGE = 100


class NotEmpty(BotError):
    """There is an installation already; a restore overwrites nothing."""


@dataclass(frozen=True, slots=True)
class Restored:
    """From when the backup is, and how much it held."""

    created_at: str
    photos: int
    models: int

    @property
    def text(self) -> str:
        """For people."""
        return f"database, {self.photos:,} photos and {self.models:,} models and backbones"

    def to_json(self) -> dict[str, Any]:
        """What `restore --json` prints."""
        return asdict(self)


async def restore(
    settings: Configuration, store: ModelStore, folder: Path, step: Callable[[float], None] = lambda _share: None
) -> Restored:
    """Put a backup in place; its tables are brought up to date.

    `step` hears how far the photos are, from 0 to 1.

    Raises:
        BackupDamaged: nothing was changed, or photos and models only.
        NotEmpty, CopyRefused: there is a database with rows already; nothing of it was changed.
        DataFolderInUse: a bot is at work there.
        DatabaseError, PhotoStoreError, ArtefactError, OSError: mend what is named and restore again.
    """
    note = await asyncio.to_thread(read_note, folder)
    if foreign := await asyncio.to_thread(foreign_parts, folder / DATABASE):
        raise BackupDamaged(f"{folder / DATABASE}: holds what no breedbot makes: {', '.join(foreign)[:SHOWN]}")
    url = database_url(settings.database_url)
    if is_sqlite(url) and exists(url):
        raise NotEmpty(f"database {place(url)} is there already; move it away, or set another BREEDBOT_DATA_DIR")
    with data_lock(settings.data_dir):
        photos = await _put_photos(folder / PHOTOS, open_photo_store(settings.photo_store), step)
        models = await asyncio.to_thread(store.adopt, ModelStore(folder / MODELS, folder / "nothing-shipped"))
        if (folder / BREEDS).exists() and not settings.own_breeds.exists():
            await asyncio.to_thread(shutil.copyfile, folder / BREEDS, settings.own_breeds)
        await _put_database(folder / DATABASE, settings)
    return Restored(note.created_at, photos, models)


async def _put_photos(source: Path, target: PhotoStore, step: Callable[[float], None]) -> int:
    files = await asyncio.to_thread(lambda: sorted(path for path in source.glob("*/*/*") if path.is_file()))
    for start in range(0, len(files), PAGE):
        page = files[start : start + PAGE]
        put = await asyncio.gather(*(_put_photo(path, target) for path in page))
        if damaged := [path for path, sha256 in zip(page, put, strict=True) if path.name != sha256]:
            raise BackupDamaged(f"{damaged[0]}: is not the photo that it is named after; take another backup")
        step((start + len(page)) / len(files))
    return len(files)


async def _put_photo(path: Path, target: PhotoStore) -> str:
    return await target.put(await asyncio.to_thread(path.read_bytes))


async def _put_database(source: Path, settings: Configuration) -> None:
    """By way of a copy, whose tables may be brought up to date: the backup stays as it is."""
    copy = settings.data_dir / f".restored-{DATABASE}"
    await asyncio.to_thread(copy.unlink, missing_ok=True)
    try:
        await asyncio.to_thread(shutil.copyfile, source, copy)
        await migrate.upgrade(sqlite_url(copy))
        url = database_url(settings.database_url)
        if is_sqlite(url):
            target = Path(url.database or "")
            await asyncio.to_thread(target.parent.mkdir, parents=True, exist_ok=True)
            await asyncio.to_thread(copy.replace, target)
        else:
            await migrate.upgrade(settings.database_url)
            await copied(sqlite_url(copy), settings.database_url)
    finally:
        for leftover in settings.data_dir.glob(f".restored-{DATABASE}*"):
            with suppress(OSError):
                await asyncio.to_thread(leftover.unlink)
