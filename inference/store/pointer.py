"""Small files that say which model is meant, in a folder or a bucket."""

import json
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from inference.model.artefact import ArtefactError

POINTER = "champion.json"
SHADOW = "shadow.json"
SHOWN = 200  # letters of what is wrong with a pointer


@dataclass(frozen=True, slots=True)
class Pointer:
    """``champion.json``: the model that answers, and the one before it; ``shadow.json``: the one that is tried."""

    model: str
    previous: str | None = None


def read_pointer(data: bytes, place: str) -> Pointer:
    """What a pointer says; raises ArtefactError, which names `place`, for what is none."""
    kind = PurePosixPath(place).stem
    try:
        stated: dict[str, Any] = json.loads(data)
        pointer = Pointer(**stated)
    except (ValueError, TypeError, RecursionError) as error:
        raise ArtefactError(f"{place}: not a {kind} pointer, {str(error)[:SHOWN]}") from error
    if not all(isinstance(value, str) or (key == "previous" and value is None) for key, value in stated.items()):
        raise ArtefactError(f"{place}: not a {kind} pointer, it names no models")
    return pointer


def read_pointer_file(path: Path) -> Pointer | None:
    """The same of a file; None where there is none."""
    try:
        data = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise ArtefactError(f"{path}: not a {path.stem} pointer, {error}") from error
    return read_pointer(data, str(path))
