"""What the bot writes is nobody else's to read: photos, ids and words, whatever the umask of who starts it."""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from breedbot.ops.terminal import tell

PRIVATE_UMASK = 0o077  # folders 0700, files 0600
OTHERS = stat.S_IRWXG | stat.S_IRWXO


def serve_privately(folder: Path) -> None:
    """What this process writes from now on is its own; a folder that others could read is closed, with all in it."""
    os.umask(PRIVATE_UMASK)
    if not open_to_others(folder):
        return
    try:
        _close(folder)
        for parent, folders, files in os.walk(folder):
            for name in (*folders, *files):
                _close(Path(parent, name))
    except OSError as error:
        tell(f"BREEDBOT_DATA_DIR={folder}: others may read what is in it ({error.strerror}: {error.filename})")


@contextmanager
def writing_privately() -> Iterator[None]:
    """What the block writes is for its owner alone."""
    before = os.umask(PRIVATE_UMASK)
    try:
        yield
    finally:
        os.umask(before)


def open_to_others(folder: Path) -> bool:
    """Whether others can get into it."""
    try:
        return bool(folder.stat().st_mode & OTHERS)
    except OSError:
        return False  # there is none yet, or what is wrong with it is said elsewhere


def _close(path: Path) -> None:
    """Take group's and others' rights away. A folder for everybody, such as /tmp, stays as it is."""
    mode = path.lstat().st_mode
    if stat.S_ISLNK(mode) or mode & stat.S_ISVTX or not mode & OTHERS:
        return
    path.chmod(stat.S_IMODE(mode) & ~OTHERS)
