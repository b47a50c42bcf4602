"""Folders that are there as a whole or not at all."""

import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class FolderExists(Exception):
    """Nothing is written over."""


@contextmanager
def whole_folder(target: Path) -> Iterator[Path]:
    """A folder to fill; it gets its name when the block ends well, and is gone when it does not.

    Raises:
        FolderExists: there is something of that name.
        OSError: it cannot be made.
    """
    if target.exists() or target.is_symlink():
        raise FolderExists(f"{target}: exists already; name a new folder")
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.parent / f".{target.name}.{secrets.token_hex(4)}"
    try:
        temporary.mkdir()
        yield temporary
        temporary.rename(target)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
