"""Photos as files, named by the SHA-256 of their bytes: `ab/cd/abcd….`; the same photo twice is stored once."""

import asyncio
import hashlib
import os
import re
import shutil
import tempfile
import time
from contextlib import suppress
from pathlib import Path

from db.errors import PhotoMissing, PhotoStoreFull, photo_store_error

SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)
TEMP_PREFIX = ".partial-"
RESERVE_BYTES = 200 * 2**20  # of the disk, left for the database: without it nothing at all can be answered
TEMP_KEPT_S = 3600  # another process may still be writing a younger one


class PhotoStore:
    """A folder of photos. Safe for many tasks and processes at once; a crash leaves no half photo."""

    def __init__(self, root: Path, reserve_bytes: int = RESERVE_BYTES) -> None:
        """`reserve_bytes`: space that photos leave free on their disk."""
        self.root = root
        self._reserve_bytes = reserve_bytes

    async def put(self, data: bytes) -> str:
        """Store and return the SHA-256 (64 hex digits). On return the bytes have reached the disk.

        Raises PhotoStoreFull, also while there is a little space left, or PhotoStoreUnwritable.
        """
        return await asyncio.to_thread(self._put, data)

    async def get(self, sha256: str) -> bytes:
        """The bytes. Raises PhotoMissing, also for what is no SHA-256."""
        return await asyncio.to_thread(self._get, sha256)

    async def delete(self, sha256: str) -> bool:
        """Delete; whether it was there."""
        return await asyncio.to_thread(self._delete, sha256)

    async def clean(self) -> int:
        """Delete what writes that were cut off have left, an hour old or more; how many files. Call it at start."""
        return await asyncio.to_thread(self._clean)

    def path(self, sha256: str) -> Path:
        """Where that photo is or would be. Raises PhotoMissing for anything but 64 lower-case hex digits."""
        if not SHA256.fullmatch(sha256):
            raise PhotoMissing(f"{sha256[:80]!r} is not the SHA-256 of a photo (64 lower-case hex digits)")
        return self.root / sha256[:2] / sha256[2:4] / sha256

    def _put(self, data: bytes) -> str:
        sha256 = hashlib.sha256(data).hexdigest()
        path = self.path(sha256)
        try:
            if not path.exists():
                self._look_for_space(len(data))
                _write(path, data)
                for folder in (path.parent, path.parent.parent, self.root):
                    _sync_folder(folder)  # a file is safe when the entries that lead to it are
        except OSError as error:
            raise photo_store_error(error, self.root) from error
        return sha256

    def _look_for_space(self, size_bytes: int) -> None:
        self.root.mkdir(parents=True, exist_ok=True)
        free_bytes = shutil.disk_usage(self.root).free
        if free_bytes - size_bytes < self._reserve_bytes:
            raise PhotoStoreFull(
                f"photo store {self.root}: only {free_bytes / 2**20:.0f} MB are free, and "
                f"{self._reserve_bytes / 2**20:.0f} MB stay so for the database; free some space"
            )

    def _get(self, sha256: str) -> bytes:
        path = self.path(sha256)
        try:
            return path.read_bytes()
        except FileNotFoundError:
            raise PhotoMissing(f"photo {sha256} is not in {self.root}") from None
        except OSError as error:
            raise photo_store_error(error, self.root) from error

    def _delete(self, sha256: str) -> bool:
        path = self.path(sha256)
        try:
            path.unlink()
        except FileNotFoundError:
            return False
        except OSError as error:
            raise photo_store_error(error, self.root) from error
        for folder in (path.parent, path.parent.parent):
            with suppress(OSError):  # not empty
                folder.rmdir()
        return True

    def _clean(self) -> int:
        deleted = 0
        for leftover in self.root.glob(f"*/*/{TEMP_PREFIX}*"):
            with suppress(OSError):
                if time.time() - leftover.stat().st_mtime > TEMP_KEPT_S:
                    leftover.unlink()
                    deleted += 1
        return deleted


def _write(path: Path, data: bytes) -> None:
    """Whole or not at all: a temporary file beside it, forced to the disk, then renamed."""
    descriptor, name = _open_temporary(path)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _open_temporary(path: Path) -> tuple[int, str]:
    """A new file in the folder of `path`; again if a `delete` takes the folder away just before."""
    for _ in range(10):
        with suppress(FileNotFoundError):
            path.parent.mkdir(parents=True, exist_ok=True)
            return tempfile.mkstemp(prefix=TEMP_PREFIX, dir=path.parent)
    raise FileNotFoundError(f"{path.parent} keeps disappearing")


def _sync_folder(folder: Path) -> None:
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except FileNotFoundError:
        return  # a `delete` came right after
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
