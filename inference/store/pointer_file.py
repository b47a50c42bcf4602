"""Small files that say which model is meant: replaced as a whole, and cheap to ask whether they have changed."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from core.atomic_file import write_whole


def write_pointer(path: Path, stated: Mapping[str, Any]) -> None:
    """Replace the file by this JSON object; whoever reads meanwhile sees the one or the other."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, json.dumps(stated).encode())


def stamp(path: Path) -> int:
    """Changes whenever the file is replaced or removed; cheap enough to ask before every batch.

    The clock of a file system ticks every few milliseconds, so the time alone would hide the second of two moves.
    """
    try:
        found = path.stat()
    except FileNotFoundError:
        return 0
    return hash((found.st_mtime_ns, found.st_ino))
