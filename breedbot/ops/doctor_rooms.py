"""Are our packages ours? Others on the index bring packages of the same names, such as `inference` or `bot`.

Apart from the other checks, as those import the rooms: where a room is somebody else's, that fails.
"""

from collections.abc import Mapping, Sequence
from importlib.metadata import packages_distributions
from importlib.util import find_spec
from pathlib import Path

import breedbot
from breedbot.ops.doctor_model import Finding, Level
from breedbot.ops.terminal import ROOMS

OURS = "breedbot"
REMEDY = "install breedbot in an environment of its own: `uv tool install breedbot`"


def rooms_finding() -> Finding:
    """Whether every room is the one beside this package, and nobody else's package writes into it."""
    home = Path(breedbot.__file__).resolve().parents[1]
    places = {room: _place(room) for room in sorted(ROOMS)}
    if found := [*_elsewhere(places, home), *_shared(packages_distributions())]:
        return Finding("rooms", Level.FAIL, "; ".join(found), REMEDY)
    return Finding("rooms", Level.OK, f"{len(places)} packages in {home}, all ours")


def _place(room: str) -> Path | None:
    """Where that package comes from; None: nowhere, or from a folder without the file that says so."""
    spec = find_spec(room)
    return Path(spec.origin).resolve() if spec is not None and spec.origin is not None else None


def _elsewhere(places: Mapping[str, Path | None], home: Path) -> list[str]:
    return [
        f"{room!r} comes from {place.parent}" if place is not None else f"{room!r} lacks its __init__.py"
        for room, place in places.items()
        if place != home / room / "__init__.py"
    ]


def _shared(owners: Mapping[str, Sequence[str]]) -> list[str]:
    others = {room: sorted({name for name in owners.get(room, ()) if name.lower() != OURS}) for room in sorted(ROOMS)}
    return [f"{room!r} is written by {', '.join(names)}, too" for room, names in others.items() if names]
