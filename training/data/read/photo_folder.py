"""Where a data set's breed folders are; whatever is wrong with a folder that somebody named is said here."""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from training.data.read.breed_folders import breed_of_folder, suggested_folder
from training.data.read.labelled_photo import PHOTO_SUFFIXES, DatasetError
from training.data.read.natural_order import natural

_ARCHIVES = frozenset({".tar", ".zip", ".tgz", ".gz", ".7z", ".rar"})
_NAMED_AT_MOST = 5

Strangers = Literal["refuse", "pass over"]


def breed_folders(folder: Path, *, strangers: Strangers = "refuse") -> dict[Path, str]:
    """The sub-folders of a data set with their labels, in natural order.

    ``folder`` holds one folder a breed, or is Stanford Dogs as unpacked, whose breeds are in ``Images``.

    Raises:
        DatasetError: no such folder, breeds on another level, no right to look, or a name that is no breed, if
            ``strangers`` are refused.
    """
    root = photo_root(folder)
    inside = [path for path in visible(root) if path.is_dir()]
    labels = {path: breed for path in inside if (breed := breed_of_folder(path.name))}
    if not labels:
        raise DatasetError(_without_breeds(folder, root, inside))
    if strangers == "refuse" and (strange := [path for path in inside if path not in labels]):
        raise DatasetError(_strangers(strange))
    return labels


def strange_folders(folder: Path) -> dict[Path, str | None]:
    """The sub-folders whose names are no breed's, each with the slug that may be meant; raises DatasetError."""
    inside = [path for path in visible(photo_root(folder)) if path.is_dir()]
    return {path: suggested_folder(path.name) for path in inside if breed_of_folder(path.name) is None}


def photo_root(folder: Path) -> Path:
    """The folder itself, or its ``Images`` where it is Stanford Dogs; paths in ``photos.csv`` begin there.

    Raises:
        DatasetError: no such folder, or no right to look into it.
    """
    if folder.is_file():
        unpack = "; unpack it and name the folder" if folder.suffix.lower() in _ARCHIVES else ""
        raise DatasetError(f"{folder}: a file; expected a folder with a sub-folder of photos for each breed{unpack}")
    if not folder.is_dir():
        raise DatasetError(f"{folder}: no such folder; give one with a sub-folder of photos for each breed")
    inside = [path for path in visible(folder) if path.is_dir()]
    if not _breeds(inside):
        for path in inside:
            if path.name.lower() == "images" and _breeds(visible(path)):
                return path
    return folder


def photo_files(breed_folder: Path) -> list[Path]:
    """The photos in the folder of one breed, in natural order; hidden files and other kinds are left out.

    Raises:
        DatasetError: there are only sub-folders with photos, or no right to look.
    """
    inside = visible(breed_folder)
    photos = [path for path in inside if _is_photo(path)]
    if not photos and (deeper := [path for path in inside if path.is_dir() and any(map(_is_photo, visible(path)))]):
        raise DatasetError(f"{deeper[0]}: photos lie one level too deep; move them up into {breed_folder}")
    return photos


def visible(folder: Path) -> list[Path]:
    """What is in a folder, in natural order, without what desktops and notebooks hide there.

    Raises:
        DatasetError: no right to look.
    """
    try:
        return sorted((path for path in folder.iterdir() if not path.name.startswith(".")), key=natural)
    except OSError as error:
        raise DatasetError(f"{folder}: cannot be read, {error.strerror}; check the rights of the folder") from error


def _is_photo(path: Path) -> bool:
    return path.suffix.lower() in PHOTO_SUFFIXES and not path.is_dir()


def _breeds(paths: Sequence[Path]) -> list[Path]:
    return [path for path in paths if breed_of_folder(path.name) and path.is_dir()]


def _without_breeds(folder: Path, root: Path, inside: list[Path]) -> str:
    """Why there is no breed: the wrong level, an archive still packed, other names, or nothing at all."""
    has_photos = any(_is_photo(path) for path in visible(root))
    if has_photos and breed_of_folder(root.name):
        return f"{folder}: the photos of one breed; give the folder above it, {root.resolve().parent}"
    if deeper := _deeper(inside):
        return f"{folder}: the breeds lie deeper; give {_listed([str(path) for path in deeper], ' or ')}"
    if (folder / "images.tar").is_file():
        return f"{folder}: images.tar is still packed; `breedbot data fetch {folder}` unpacks it"
    expected = f"expected {folder}/<breed>/*.jpg, with <breed> such as beagle"
    if has_photos:
        return f"{folder}: its photos lie in no breed's folder; {expected}"
    if any(suggested_folder(path.name) or any(map(_is_photo, visible(path))) for path in inside):
        return _strangers(inside)
    return f"{folder}: no photos in it; {expected}"


def _deeper(inside: list[Path]) -> list[Path]:
    """Folders one or two levels down that hold breeds."""
    below = [path for parent in inside for path in visible(parent) if path.is_dir()]
    return [path for path in (*inside, *below) if _breeds(visible(path))]


def _strangers(folders: list[Path]) -> str:
    first, *others = folders
    meant = suggested_folder(first.name)
    advice = f"rename it to {meant}" if meant else "`breedbot breeds` lists their names"
    more = [f"{path.name!r}" + (f" → {slug}" if (slug := suggested_folder(path.name)) else "") for path in others]
    return f"{first}: {first.name!r} is no breed of the catalogue; {advice}" + (
        f"; also {_listed(more)}" if more else ""
    )


def _listed(words: list[str], separator: str = ", ") -> str:
    hidden = len(words) - _NAMED_AT_MOST
    return separator.join(words[:_NAMED_AT_MOST]) + (f" and {hidden} more" if hidden > 0 else "")
