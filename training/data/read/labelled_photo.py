"""A photo and what it shows: what every reader of data sets gives, and the error that they raise.

DatasetError: the photos cannot be used as they are; the message names what to change.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from inference.photo.formats import PhotoFormat

SUFFIXES: Final = {
    PhotoFormat.JPEG: {".jpg", ".jpeg", ".jpe", ".jfif"},
    PhotoFormat.PNG: {".png"},
    PhotoFormat.WEBP: {".webp"},
    PhotoFormat.GIF: {".gif"},
    PhotoFormat.HEIF: {".heic", ".heif"},
    PhotoFormat.AVIF: {".avif"},
    PhotoFormat.BMP: {".bmp"},
    PhotoFormat.TIFF: {".tif", ".tiff"},
}
PHOTO_SUFFIXES: Final = frozenset().union(*SUFFIXES.values())
NAMED_AT_MOST: Final = 5  # beside the first, in a line


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


def unreadable(failures: Mapping[Path, object]) -> DatasetError:
    """The error that names photos that cannot be read, each with its reason; at least one."""
    first, *others = (f"{path}: {reason}" for path, reason in failures.items())
    if not others:
        return DatasetError(f"{first}; remove or replace it")
    hidden = len(others) - NAMED_AT_MOST
    more = "; ".join(others[:NAMED_AT_MOST]) + (f" and {hidden} more, which `breedbot data check` names" * (hidden > 0))
    return DatasetError(f"{first}; also {more}; remove or replace them")
