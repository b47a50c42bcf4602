"""Photos by the SHA-256 of their bytes, in a folder or in object storage; the same photo twice is stored once."""

import asyncio
import hashlib
import re
import secrets
from collections.abc import Sequence
from itertools import compress
from pathlib import Path
from typing import Protocol

from db.errors import PhotoMissing, PhotoStoreError
from db.photos.folder import RESERVE_BYTES, PhotoFolder

ASKED_AT_ONCE = 32
SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)


class Shelf(Protocol):
    """Where the bytes lie: by keys like `ab/cd/abcd…`, the same in a folder and in a bucket."""

    async def write(self, key: str, data: bytes) -> None:
        """On return the bytes are safe. Raises PhotoStoreError."""

    async def get(self, key: str) -> bytes:
        """Raises PhotoMissing, PhotoStoreError."""

    def read(self, key: str) -> bytes:
        """The same, blocking: for threads."""

    async def has(self, key: str) -> bool:
        """Whether it is there."""

    async def delete(self, key: str) -> bool:
        """Delete; whether it was there."""

    async def clean(self) -> int:
        """Delete what writes that were cut off have left; how many."""

    def place(self, key: str) -> str:
        """Where that is, for people."""


class PhotoStore:
    """Safe for many tasks, processes and machines at once; a crash leaves no half photo."""

    def __init__(self, shelf: Path | Shelf, reserve_bytes: int = RESERVE_BYTES) -> None:
        """A folder, of whose disk photos leave `reserve_bytes` free, or another shelf; see `open_photo_store`."""
        self._shelf = PhotoFolder(shelf, reserve_bytes) if isinstance(shelf, Path) else shelf

    async def put(self, data: bytes) -> str:
        """Store and return the SHA-256 (64 hex digits). On return the bytes are safe.

        Raises PhotoStoreFull, also while there is a little space left, PhotoStoreUnwritable or PhotoStoreUnavailable.
        """
        sha256 = hashlib.sha256(data).hexdigest()
        await self._shelf.write(_key(sha256), data)
        return sha256

    async def get(self, sha256: str) -> bytes:
        """The bytes. Raises PhotoMissing, also for what is no SHA-256, or what any put raises."""
        return await self._shelf.get(_key(sha256))

    def read(self, sha256: str) -> bytes:
        """The same, blocking: for threads."""
        return self._shelf.read(_key(sha256))

    async def has(self, sha256: str) -> bool:
        """Whether it is there."""
        return await self._shelf.has(_key(sha256))

    async def have(self, photos: Sequence[str]) -> set[str]:
        """Which of these are there. Some are asked for at once: in object storage each question is a journey."""
        there: set[str] = set()
        for start in range(0, len(photos), ASKED_AT_ONCE):
            some = photos[start : start + ASKED_AT_ONCE]
            there |= set(compress(some, await asyncio.gather(*map(self.has, some))))
        return there

    async def delete(self, sha256: str) -> bool:
        """Delete; whether it was there."""
        return await self._shelf.delete(_key(sha256))

    async def examine(self) -> None:
        """Write, read and delete a few bytes. Raises what `put` raises."""
        sha256 = await self.put(secrets.token_bytes(64))
        await self.get(sha256)
        await self.delete(sha256)

    async def clean(self) -> int:
        """Delete what writes that were cut off have left, an hour old or more; how many files. Call it at start."""
        return await self._shelf.clean()

    def place(self, sha256: str) -> str:
        """Where that photo is or would be, for people: a path, or a URL. Raises PhotoMissing as `get` does."""
        return self._shelf.place(_key(sha256))

    @property
    def root(self) -> Path:
        """The folder. Raises PhotoStoreError where photos are no files."""
        if not isinstance(self._shelf, PhotoFolder):
            raise PhotoStoreError(f"{self._shelf.place('')}: photos are no files there")
        return self._shelf.root

    def path(self, sha256: str) -> Path:
        """The file in the folder, there or not. Raises PhotoMissing as `get` does, PhotoStoreError as `root` does."""
        return self.root / _key(sha256)


def open_photo_store(place: Path | str) -> PhotoStore:
    """The store at a folder or a URL (`s3://bucket/prefix`, `gs://…`, `az://…`), as `PHOTO_STORE` names it.

    Opening touches nothing: a bucket that is not there shows when it is used.

    Raises:
        PhotoStoreUnwritable: the URL, or what the environment says with it, names no object storage.
    """
    if isinstance(place, Path):
        return PhotoStore(place)
    from db.photos.bucket import PhotoObjects  # noqa: PLC0415 - one folder is enough for most, without the driver

    return PhotoStore(PhotoObjects(place))


def _key(sha256: str) -> str:
    if not SHA256.fullmatch(sha256):
        raise PhotoMissing(f"{sha256[:80]!r} is not the SHA-256 of a photo (64 lower-case hex digits)")
    return f"{sha256[:2]}/{sha256[2:4]}/{sha256}"
