"""A folder of photos: `ab/cd/abcd….`. A crash leaves no half photo."""

import asyncio
import errno
import os
import shutil
import time
from contextlib import suppress
from pathlib import Path

from core.atomic_file import write_whole
from db.errors import PhotoMissing, PhotoStoreFull, photo_store_error

RESERVE_BYTES = 200 * 2**20  # of the disk, left for the database: without it nothing at all can be answered
TEMP_KEPT_S = 3600  # another process may still be writing a younger one


class PhotoFolder:
    """The shelf of a store on this machine. Safe for many tasks and processes at once."""

    def __init__(self, root: Path, reserve_bytes: int = RESERVE_BYTES) -> None:
        """`reserve_bytes`: space that photos leave free on their disk."""
        self.root = root
        self._reserve_bytes = reserve_bytes

    async def write(self, key: str, data: bytes) -> None:
        """Nothing where it is there already. On return the bytes have reached the disk."""
        await asyncio.to_thread(self._write, key, data)

    async def get(self, key: str) -> bytes:
        """Raises PhotoMissing."""
        return await asyncio.to_thread(self.read, key)

    def read(self, key: str) -> bytes:
        """The same, blocking."""
        try:
            return (self.root / key).read_bytes()
        except FileNotFoundError:
            raise PhotoMissing(f"photo {key.rpartition('/')[2]} is not in {self.root}") from None
        except OSError as error:
            raise photo_store_error(error, self.root) from error

    async def has(self, key: str) -> bool:
        """Whether it is there."""
        return await asyncio.to_thread((self.root / key).exists)

    async def delete(self, key: str) -> bool:
        """Delete; whether it was there."""
        return await asyncio.to_thread(self._delete, key)

    async def clean(self) -> int:
        """Delete what writes that were cut off have left, an hour old or more; how many files."""
        return await asyncio.to_thread(self._clean)

    def place(self, key: str) -> str:
        """Its path."""
        return str(self.root / key)

    def _write(self, key: str, data: bytes) -> None:
        path = self.root / key
        try:
            if not path.exists():
                self._look_for_space(len(data))
                _write(path, data)
                for folder in (path.parent, path.parent.parent, self.root):
                    _sync_folder(folder)  # a file is safe when the entries that lead to it are
        except OSError as error:
            raise photo_store_error(error, self.root) from error

    def _look_for_space(self, size_bytes: int) -> None:
        self.root.mkdir(parents=True, exist_ok=True)
        free_bytes = shutil.disk_usage(self.root).free
        if free_bytes - size_bytes < self._reserve_bytes:
            raise PhotoStoreFull(
                f"photo store {self.root}: only {free_bytes / 2**20:.0f} MB are free, and "
                f"{self._reserve_bytes / 2**20:.0f} MB stay so for the database; free some space"
            )

    def _delete(self, key: str) -> bool:
        path = self.root / key
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
        for leftover in self.root.glob("*/*/.*"):
            with suppress(OSError):
                if time.time() - leftover.stat().st_mtime > TEMP_KEPT_S:
                    leftover.unlink()
                    deleted += 1
        return deleted


def _write(path: Path, data: bytes) -> None:
    """Again if a `delete` takes the folder away just before."""
    for _ in range(20):
        # pathlib says that a folder exists, and is none, where it was there, and was gone when it looked what it is.
        with suppress(FileNotFoundError, FileExistsError):
            path.parent.mkdir(parents=True, exist_ok=True)
            return write_whole(path, data, private=True)
    raise OSError(errno.EBUSY, "its folder is taken away again and again", str(path))


def _sync_folder(folder: Path) -> None:
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except FileNotFoundError:
        return  # a `delete` came right after
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
