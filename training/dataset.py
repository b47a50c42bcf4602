"""Labelled photos on disk: one folder a breed, and which photos belong together."""

import csv
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from inference.breeds import NOT_A_DOG, catalogue

PHOTO_SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".gif", ".heic"})


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
    """Photos of ``folder/<breed_slug>/*``, sorted by path; groups from ``folder/photos.csv`` where there is one.

    Raises:
        DatasetError: no such folder, no photos, or a folder name that is no breed.
    """
    if not folder.is_dir():
        raise DatasetError(f"{folder}: no such folder; give one with a sub-folder of photos for each breed")
    groups = _groups(folder / "photos.csv")
    photos = []
    for breed_folder in sorted(path for path in folder.iterdir() if path.is_dir()):
        breed = _breed(breed_folder)
        for path in sorted(breed_folder.iterdir()):
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


def _breed(folder: Path) -> str:
    if folder.name == NOT_A_DOG or folder.name in catalogue():
        return folder.name
    raise DatasetError(f"{folder}: {folder.name!r} is no breed of the catalogue; `breedbot breeds` lists their names")


def _groups(table: Path) -> dict[str, str]:
    if not table.exists():
        return {}
    with table.open(newline="", encoding="utf-8") as lines:
        return {row["file"]: row["group"] for row in csv.DictReader(lines)}
