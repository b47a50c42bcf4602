"""Photos as files that may leave the house: upright JPEGs that any program shows and that tell no place and time."""

import asyncio
from pathlib import Path

from db.errors import PhotoMissing
from db.photos.photo_store import PhotoStore
from inference.photo.decode import PhotoError
from inference.photo.viewing_copy import viewing_copy

NAME_DIGITS = 16  # of the SHA-256: enough to tell a billion photos apart


class PhotoCopies:
    """Copies out of a photo store; what cannot be copied is remembered, not raised."""

    def __init__(self, store: PhotoStore) -> None:
        self._store = store
        self.left_out: dict[str, str] = {}
        """Why, by SHA-256."""

    async def copy(self, sha256: str, folder: Path) -> str | None:
        """Write a copy into a folder, which is made; its name there, or None. Raises OSError where it is full."""
        try:
            data = await self._store.get(sha256)
            return await asyncio.to_thread(_write, data, folder, f"{sha256[:NAME_DIGITS]}.jpg")
        except (PhotoMissing, PhotoError) as error:
            self.left_out[sha256] = str(error)
            return None


def _write(data: bytes, folder: Path, name: str) -> str:
    copy = viewing_copy(data)
    folder.mkdir(exist_ok=True)
    (folder / name).write_bytes(copy)
    return name
