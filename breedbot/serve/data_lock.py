"""One process at a time on a data folder: two pollers of one inbox would fight over every update."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from bot.errors import BotError

FILE = "lock"


class DataFolderInUse(BotError):
    """Another process works there."""


class DataFolderUnwritable(BotError):
    """The folder cannot be made or written."""


@contextmanager
def data_lock(folder: Path) -> Iterator[None]:
    """Hold a folder while the block runs. The system lets go of the lock when the process dies, however it dies.

    Raises:
        DataFolderInUse: another process holds it.
        DataFolderUnwritable: it cannot be made, or nothing can be written there.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(folder / FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise DataFolderUnwritable(f"BREEDBOT_DATA_DIR={folder}: cannot be written ({error.strerror})") from error
    try:
        if not _taken(descriptor):
            holder = lock_holder(folder)
            by = f"another breedbot (process {holder})" if holder else "another breedbot"
            raise DataFolderInUse(f"BREEDBOT_DATA_DIR={folder}: {by} is at work there; stop it or take another folder")
        os.ftruncate(descriptor, 0)
        os.write(descriptor, str(os.getpid()).encode())
        yield
        os.ftruncate(descriptor, 0)
    finally:
        os.close(descriptor)


def lock_holder(folder: Path) -> int | None:
    """The process that works on this folder now, or None."""
    with suppress(OSError, ValueError), (folder / FILE).open("rb+") as file:
        if not _taken(file.fileno()):
            return int(file.read(20))
    return None


def _taken(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
