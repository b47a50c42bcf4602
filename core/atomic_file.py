"""Files and folders that are there as a whole or not at all: written aside, forced to the disk, then renamed.

Whoever reads meanwhile sees what was there before; of several writers the last one wins. What a killed process leaves
is hidden, beside its target.
"""

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def write_whole(path: Path, content: bytes, *, private: bool = False) -> None:
    """Write a file. `private`: only its owner may read it. Raises OSError, and then what was there stays."""
    with whole_file(path) as temporary:
        if private:
            temporary.touch(0o600, exist_ok=False)
        temporary.write_bytes(content)


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """A path with the same suffix to write to; it takes its place when the block ends well, and goes when it does not.

    Raises:
        OSError: it cannot be written, and its `filename` says so; what was there stays.
    """
    temporary = path.with_name(f".{secrets.token_hex(4)}.{path.name}")
    try:
        with _named(path, temporary):
            yield temporary
            with temporary.open("rb") as written:
                os.fsync(written.fileno())
            temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def whole_folder(target: Path) -> Iterator[Path]:
    """An empty folder to fill; it gets its name when the block ends well, and goes when it does not.

    Raises:
        OSError: it cannot be made, or there is a folder of that name with something in it; `filename` is the target.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_name(f".{secrets.token_hex(4)}.{target.name}")
    try:
        with _named(target, temporary):
            temporary.mkdir()
            yield temporary
            temporary.rename(target)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


@contextmanager
def _named(target: Path, temporary: Path) -> Iterator[None]:
    """A full disk names no file, and nobody knows the temporary one."""
    try:
        yield
    except OSError as error:
        if error.filename is None or str(error.filename).startswith(str(temporary)):
            error.filename = str(target)
        raise
