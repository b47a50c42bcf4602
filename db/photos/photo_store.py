"""Photos by the SHA-256 of their bytes, in a folder or in object storage; the same photo twice is stored once."""

import asyncio
import errno
import hashlib
import os
import re
import secrets
import shutil
import time
from abc import ABC, abstractmethod
from collections.abc import Sequence
from contextlib import suppress
from itertools import compress
from pathlib import Path

from core.atomic_file import write_whole
from core.out_of_files import out_of_files
from db.errors import PhotoMissing, PhotoStoreError, PhotoStoreFull, PhotoStoreUnavailable, PhotoStoreUnwritable

ASKED_AT_ONCE = 32
RESERVE_BYTES = 200 * 2**20  # of the disk, left for the database: without it nothing at all can be answered
SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)
TEMP_KEPT_S = 3600  # another process may still be writing a younger one


class PhotoStore(ABC):
    """Safe for many tasks, processes and machines at once; a crash leaves no half photo.

    Whatever takes a name raises PhotoMissing for one that is no SHA-256 (64 lower-case hex digits).
    """

    @abstractmethod
    async def put(self, data: bytes) -> str:
        """Store and return the SHA-256. On return the bytes are safe.

        Raises PhotoStoreFull, also while there is a little space left, PhotoStoreUnwritable or PhotoStoreUnavailable.
        """

    @abstractmethod
    async def get(self, sha256: str) -> bytes:
        """The bytes. Raises PhotoMissing or what any put raises."""

    @abstractmethod
    def read(self, sha256: str) -> bytes:
        """The same, blocking: for threads."""

    @abstractmethod
    async def has(self, sha256: str) -> bool:
        """Whether it is there."""

    @abstractmethod
    async def delete(self, sha256: str) -> bool:
        """Delete; whether it was there."""

    @abstractmethod
    async def clean(self) -> int:
        """Delete what writes that were cut off have left, an hour old or more; how many files. Call it at start."""

    @abstractmethod
    def place(self, sha256: str) -> str:
        """Where that photo is or would be, for people: a path, or a URL."""

    def path(self, sha256: str) -> Path:
        """The file, there or not. Raises PhotoStoreError where photos are no files."""
        raise PhotoStoreError(f"{self.place(sha256)}: photos are no files there")

    async def have(self, photos: Sequence[str]) -> set[str]:
        """Which of these are there. Some are asked for at once: in object storage each question is a journey."""
        there: set[str] = set()
        for start in range(0, len(photos), ASKED_AT_ONCE):
            some = photos[start : start + ASKED_AT_ONCE]
            there |= set(compress(some, await asyncio.gather(*map(self.has, some))))
        return there

    async def examine(self) -> None:
        """Write, read and delete a few bytes. Raises what `put` raises."""
        sha256 = await self.put(secrets.token_bytes(64))
        await self.get(sha256)
        await self.delete(sha256)


def open_photo_store(place: Path | str) -> PhotoStore:
    """The store at a folder or a URL (`s3://bucket/prefix`, `gs://…`, `az://…`), as `PHOTO_STORE` names it.

    Opening touches nothing: a bucket that is not there shows when it is used.

    Raises:
        PhotoStoreUnwritable: the URL, or what the environment says with it, names no object storage.
    """
    if isinstance(place, Path):
        return PhotoFolder(place)
    from db.photos.bucket import PhotoBucket  # noqa: PLC0415 - one folder is enough for most, without the driver

    return PhotoBucket(place)


def key_of(sha256: str) -> str:
    """`ab/cd/abcd…`, the same in a folder and in a bucket: what copies folders to buckets moves a store."""
    if not SHA256.fullmatch(sha256):
        raise PhotoMissing(f"{sha256[:80]!r} is not the SHA-256 of a photo (64 lower-case hex digits)")
    return f"{sha256[:2]}/{sha256[2:4]}/{sha256}"


class PhotoFolder(PhotoStore):
    """A store on this machine."""

    def __init__(self, root: Path, reserve_bytes: int = RESERVE_BYTES) -> None:
        """`reserve_bytes`: space that photos leave free on their disk."""
        self.root = root
        self._reserve_bytes = reserve_bytes

    async def put(self, data: bytes) -> str:
        """See `PhotoStore.put`."""
        return await asyncio.to_thread(self._put, data)

    async def get(self, sha256: str) -> bytes:
        """See `PhotoStore.get`."""
        return await asyncio.to_thread(self.read, sha256)

    def read(self, sha256: str) -> bytes:
        """See `PhotoStore.read`."""
        try:
            return (self.root / key_of(sha256)).read_bytes()
        except FileNotFoundError:
            raise PhotoMissing(f"photo {sha256} is not in {self.root}") from None
        except OSError as error:
            raise self._explained(error) from error

    async def has(self, sha256: str) -> bool:
        """See `PhotoStore.has`."""
        return (self.root / key_of(sha256)).exists()  # a trip to a thread would take longer than the question

    async def delete(self, sha256: str) -> bool:
        """See `PhotoStore.delete`; empty folders go with it."""
        return await asyncio.to_thread(self._delete, self.path(sha256))

    async def clean(self) -> int:
        """See `PhotoStore.clean`."""
        return await asyncio.to_thread(self._clean)

    def place(self, sha256: str) -> str:
        """See `PhotoStore.place`."""
        return str(self.path(sha256))

    def path(self, sha256: str) -> Path:
        """See `PhotoStore.path`."""
        return self.root / key_of(sha256)

    def _put(self, data: bytes) -> str:
        sha256 = hashlib.sha256(data).hexdigest()
        path = self.root / key_of(sha256)
        try:
            if path.exists():
                return sha256
            self.root.mkdir(parents=True, exist_ok=True)
            free_bytes = shutil.disk_usage(self.root).free
            if free_bytes - len(data) < self._reserve_bytes:
                raise PhotoStoreFull(
                    f"photo store {self.root}: only {free_bytes / 2**20:.0f} MB are free, and "
                    f"{self._reserve_bytes / 2**20:.0f} MB stay so for the database; free some space"
                )
            _write(path, data)
            # A file is safe when the entries that lead to it are.
            for folder in (path.parent, path.parent.parent, self.root):
                with suppress(FileNotFoundError):  # a `delete` came right after
                    descriptor = os.open(folder, os.O_RDONLY)
                    try:
                        os.fsync(descriptor)
                    finally:
                        os.close(descriptor)
        except OSError as error:
            raise self._explained(error) from error
        return sha256

    def _delete(self, path: Path) -> bool:
        try:
            path.unlink()
        except FileNotFoundError:
            return False
        except OSError as error:
            raise self._explained(error) from error
        for folder in (path.parent, path.parent.parent):
            with suppress(OSError):  # not empty
                folder.rmdir()
        return True

    def _clean(self) -> int:
        deleted = 0
        for leftover in self.root.glob("*/*/.*"):
            with suppress(OSError):
                if time.time() - leftover.stat().st_mtime > TEMP_KEPT_S:
                    leftover.unlink()
                    deleted += 1
        return deleted

    def _explained(self, error: OSError) -> PhotoStoreError:
        place = f"photo store {self.root}"
        if out_of_files(error):
            return PhotoStoreUnavailable(f"{place}: too many files are open ({error.strerror}); it is tried on")
        if error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}:
            return PhotoStoreFull(f"{place}: the disk is full; free some space ({error.strerror})")
        return PhotoStoreUnwritable(f"{place} cannot be read or written: {error.strerror or error}")


def _write(path: Path, data: bytes) -> None:
    """Again if a `delete` takes the folder away just before."""
    for _ in range(20):
        # pathlib says that a folder exists, and is none, where it was there, and was gone when it looked what it is.
        with suppress(FileNotFoundError, FileExistsError):
            path.parent.mkdir(parents=True, exist_ok=True)
            return write_whole(path, data, private=True)
    raise OSError(errno.EBUSY, "its folder is taken away again and again", str(path))
