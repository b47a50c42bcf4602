"""Photos as files that may leave the house: upright JPEGs that any program shows and that tell no place and time."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from db.errors import PhotoMissing
from db.photos.photo_store import PhotoStore
from inference.photo.decode import PhotoError
from inference.photo.viewing_copy import cut_out, viewing_copy

NAME_DIGITS = 16  # of the SHA-256: enough to tell a billion photos apart


class PhotoCopies:
    """Copies out of a photo store; what cannot be copied is remembered, not raised."""

    def __init__(self, store: PhotoStore) -> None:
        self._store = store
        self.left_out: dict[str, str] = {}
        """Why, by SHA-256."""

    async def copy(self, sha256: str, folder: Path, dog: int = 0, box: Sequence[float] | None = None) -> str | None:
        """Write a copy into a folder, which is made; its name there, or None. Raises OSError where it is full.

        Of a dog that has a box, only what is in that is copied; ``dog``: its number in the photo.
        """
        name = f"{sha256[:NAME_DIGITS]}{f'-{dog + 1}' if dog else ''}.jpg"
        try:
            data = await self._store.get(sha256)
            return await asyncio.to_thread(_write, data, box, folder, name)
        except (PhotoMissing, PhotoError) as error:
            self.left_out[sha256] = str(error)
            return None


def _write(data: bytes, box: Sequence[float] | None, folder: Path, name: str) -> str:
    copy = viewing_copy(data if box is None else cut_out(data, box))
    folder.mkdir(exist_ok=True)
    (folder / name).write_bytes(copy)
    return name
