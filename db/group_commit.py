"""Forcing commits to the disk, those that come together at once.

SQLite in WAL mode with `synchronous = NORMAL` appends a commit to the file `-wal` and leaves it to the system when it
reaches the disk; with `FULL` it forces each one, while others wait for the write lock: https://sqlite.org/wal.html. We
force them as `FULL` does, but after the lock is given back, and one call serves all that was committed before it.
"""

import asyncio
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from db.errors import DatabaseUnavailable

_sync = getattr(os, "fdatasync", os.fsync)  # the sizes, but not the times of the file


class GroupCommit:
    """Of one file, for the tasks of one event loop."""

    def __init__(self, database: Path) -> None:
        """`database`: the SQLite file; what is forced is its `-wal`."""
        self._wal = Path(f"{database}-wal")
        self._thread = ThreadPoolExecutor(1, "database-sync")  # the shared ones may all be busy with photos
        self._running: asyncio.Task[None] | None = None
        self._next: asyncio.Task[None] | None = None

    async def on_disk(self) -> None:
        """Return when all that was committed before this call is on the disk.

        Raises DatabaseUnavailable if the disk does not take it: then nobody knows whether it will be there.
        """
        if self._next is None:
            self._next = asyncio.create_task(self._after(self._running))
        await asyncio.shield(self._next)  # others wait for it too

    async def _after(self, running: asyncio.Task[None] | None) -> None:
        """One that runs may have begun before our commit."""
        if running is not None:
            await asyncio.wait([running])
        self._running, self._next = self._next, None
        await asyncio.get_running_loop().run_in_executor(self._thread, self._force)

    def _force(self) -> None:
        try:
            descriptor = os.open(self._wal, os.O_RDONLY)
            try:
                _sync(descriptor)
            finally:
                os.close(descriptor)
        except FileNotFoundError:
            return  # the last connection of all was closed, and all is in the database itself
        except OSError as error:
            raise DatabaseUnavailable(
                f"database {self._wal}: what was written last may be lost ({error.strerror}); check the disk"
            ) from error

    async def close(self) -> None:
        """Finish what somebody had asked for who was cancelled meanwhile."""
        await asyncio.gather(*filter(None, (self._running, self._next)), return_exceptions=True)
        self._thread.shutdown()
