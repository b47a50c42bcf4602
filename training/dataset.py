"""Labelled photos on disk: one folder a breed, and which photos belong together."""

import csv
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from inference.breeds import NOT_A_DOG, catalogue

PHOTO_SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".gif", ".heic", ".heif", ".avif"})


class DatasetError(Exception):
    """The folder cannot be used as it is; the message says what to change."""


@dataclass(frozen=True, slots=True)
class LabelledPhoto:
    """One photo of a known breed.

    Attributes:
        path: the file.
        breed: a breed's slug, or ``not_a_dog``.
        group: photos of one group show (nearly) the same picture and stay on one side of a split.
    """

    path: Path
    breed: str
    group: str


def read_folder_per_breed(folder: Path) -> list[LabelledPhoto]:
    """Photos of ``folder/<breed_slug>/*``, in natural order; groups from ``folder/photos.csv`` where there is one.

    Hidden folders and files are left out: desktops and notebooks leave them, some with a photo's suffix.

    Raises:
        DatasetError: no such folder, no photos, a folder name that is no breed, or a table without its columns.
    """
    if not folder.is_dir():
        raise DatasetError(f"{folder}: no such folder; give one with a sub-folder of photos for each breed")
    groups = _groups(folder / "photos.csv")
    photos = []
    for breed_folder in (path for path in _visible(folder) if path.is_dir()):
        breed = _breed(breed_folder)
        for path in _visible(breed_folder):
            if path.suffix.lower() in PHOTO_SUFFIXES:
                name = path.relative_to(folder).as_posix()
                photos.append(LabelledPhoto(path, breed, groups.get(name, name)))
    if not photos:
        raise DatasetError(f"{folder}: no photos in it; expected {folder}/<breed>/*.jpg, with <breed> such as beagle")
    return photos


def fingerprint(photos: Sequence[LabelledPhoto]) -> str:
    """SHA-256 over labels and contents, in the order given: the same photos and labels give the same value."""
    digest = hashlib.sha256()
    for photo in photos:
        digest.update(f"{photo.breed}\0{photo.path.name}\0".encode())
        digest.update(hashlib.sha256(photo.path.read_bytes()).digest())
    return digest.hexdigest()


def _visible(folder: Path) -> list[Path]:
    return sorted((path for path in folder.iterdir() if not path.name.startswith(".")), key=_natural)


def _natural(path: Path) -> list[tuple[int, str]]:
    """Order 999 before 1000, as people number files."""
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"(\d+)", path.name)]


def _breed(folder: Path) -> str:
    if folder.name == NOT_A_DOG or folder.name in catalogue():
        return folder.name
    raise DatasetError(f"{folder}: {folder.name!r} is no breed of the catalogue; `breedbot breeds` lists their names")


def _groups(table: Path) -> dict[str, str]:
    if not table.exists():
        return {}
    try:
        with table.open(newline="", encoding="utf-8") as lines:
            return {row["file"]: row["group"] for row in csv.DictReader(lines)}
    except KeyError as missing:
        raise DatasetError(f"{table}: no column {missing}; expected file and group at least") from missing
    except (ValueError, csv.Error) as error:
        raise DatasetError(f"{table}: not a table in UTF-8, {error}") from error
