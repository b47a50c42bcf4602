"""Are our packages ours, and whole? Others on the index bring packages of the same names, such as `inference` or `bot`.

It imports no room: where one is somebody else's, that fails.
"""

from collections.abc import Mapping, Sequence
from importlib.metadata import packages_distributions
from importlib.util import find_spec
from pathlib import Path

import breedbot

ROOMS = frozenset({"bot", "breedbot", "core", "db", "inference", "sandbox", "training"})
OURS = "breedbot"
REMEDY = "install breedbot in an environment of its own: `uv tool install breedbot`"


def wrong_rooms() -> list[str]:
    """Which rooms are not the ones beside this package, and which are written into by somebody else's package."""
    places = {room: _place(room) for room in sorted(ROOMS)}
    return [*_elsewhere(places, home()), *_shared(packages_distributions())]


def home() -> Path:
    """Where our packages are."""
    return Path(breedbot.__file__).resolve().parents[1]


def missing_part(error: ImportError) -> str | None:
    """What to do about an import that failed, in a line; None where the room is none of ours."""
    if (error.name or "").partition(".")[0] not in ROOMS:
        return None
    if found := wrong_rooms():
        return f"{'; '.join(found)}: {REMEDY}"
    return f"this installation is not whole ({error}): pip install --force-reinstall breedbot"


def _place(room: str) -> Path | None:
    """Where that package comes from; None: nowhere, or from a folder without the file that says so."""
    spec = find_spec(room)
    return Path(spec.origin).resolve() if spec is not None and spec.origin is not None else None


def _elsewhere(places: Mapping[str, Path | None], ours: Path) -> list[str]:
    return [
        f"{room!r} comes from {place.parent}" if place is not None else f"{room!r} lacks its __init__.py"
        for room, place in places.items()
        if place != ours / room / "__init__.py"
    ]


def _shared(owners: Mapping[str, Sequence[str]]) -> list[str]:
    others = {room: sorted({name for name in owners.get(room, ()) if name.lower() != OURS}) for room in sorted(ROOMS)}
    return [f"{room!r} is written by {', '.join(names)}, too" for room, names in others.items() if names]
