"""Are our packages ours, and whole? Others on the index bring packages of the same names, such as `inference` or `bot`.

It imports no room: where one is somebody else's, that fails.
"""

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, PackagePath, files, packages_distributions
from importlib.util import find_spec
from pathlib import Path

import breedbot

ROOMS = frozenset({"bot", "breedbot", "core", "db", "inference", "sandbox", "training"})
OURS = "breedbot"
REMEDY = "install breedbot in an environment of its own: `uv tool install breedbot`"
REINSTALL = "pip install --force-reinstall breedbot"


def wrong_rooms() -> list[str]:
    """Which rooms are not the ones beside this package, and which are written into by somebody else's package."""
    places = {room: _place(room) for room in sorted(ROOMS)}
    return [*_elsewhere(places, home()), *_shared(packages_distributions())]


def changed_modules() -> list[str]:
    """Which of our modules are not as they were installed: half an upgrade left two versions. None in a checkout."""
    try:
        listed = [file for file in files(OURS) or () if file.suffix == ".py" and file.parts[0] in ROOMS]
    except PackageNotFoundError:
        return []
    ours = [file for file in listed if Path(str(file.locate())).resolve().is_relative_to(home())]
    return sorted(str(file) for file in ours if not _as_installed(file))


def home() -> Path:
    """Where our packages are."""
    return Path(breedbot.__file__).resolve().parents[1]


def broken_installation() -> str | None:
    """What is wrong with it and what to do, in a line; None where all is as it was installed."""
    if found := wrong_rooms():
        return f"{'; '.join(found)}: {REMEDY}"
    if changed := changed_modules():
        some = f"{changed[0]} is" if len(changed) == 1 else f"{changed[0]} and {len(changed) - 1} more are"
        return f"this installation is not whole, {some} not what was installed: {REINSTALL}"
    return None


def missing_part(error: ImportError) -> str | None:
    """What to do about an import that failed, in a line; None where the room is none of ours."""
    if (error.name or "").partition(".")[0] not in ROOMS:
        return None
    return broken_installation() or f"this installation is not whole ({error}): {REINSTALL}"


def _place(room: str) -> Path | None:
    """Where that package comes from; None: nowhere, or from a folder without the file that says so."""
    spec = find_spec(room)
    return Path(spec.origin).resolve() if spec is not None and spec.origin is not None else None


def _as_installed(file: PackagePath) -> bool:
    """As the hash beside its name in the installation's RECORD says."""
    path = Path(str(file.locate()))
    if file.hash is None or not path.is_file():
        return file.hash is None
    found = hashlib.new(file.hash.mode, path.read_bytes(), usedforsecurity=False).digest()
    return urlsafe_b64encode(found).decode().rstrip("=") == file.hash.value


def _elsewhere(places: Mapping[str, Path | None], ours: Path) -> list[str]:
    return [
        f"{room!r} comes from {place.parent}" if place is not None else f"{room!r} lacks its __init__.py"
        for room, place in places.items()
        if place != ours / room / "__init__.py"
    ]


def _shared(owners: Mapping[str, Sequence[str]]) -> list[str]:
    others = {room: sorted({name for name in owners.get(room, ()) if name.lower() != OURS}) for room in sorted(ROOMS)}
    return [f"{room!r} is written by {', '.join(names)}, too" for room, names in others.items() if names]
