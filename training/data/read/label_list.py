"""A list of photos whose labels were looked at and are wrong: what they show instead, or that they are left out.

Columns ``sha256`` (of the file's bytes, the first 16 digits), ``file`` (for readers), ``label`` (as given) and
``shows`` (a breed's slug, ``not_a_dog``, or nothing: left out). A photo is known by its bytes, so the list does no
harm to others.
"""

import csv
import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from core.breeds.catalogue import teachable_labels
from inference.photo.decode import PhotoError
from inference.photo.file_batches import read_photo
from training.data.read.labelled_photo import DatasetError, LabelledPhoto

DIGITS = 16


def relabelled(photos: Sequence[LabelledPhoto], table: Path) -> list[LabelledPhoto]:
    """The photos as the list has them; those that it leaves out are missing.

    Raises:
        DatasetError: it names a breed that there is not.
    """
    with table.open(newline="", encoding="utf-8") as lines:
        shows = {(row["sha256"], row["label"]): row["shows"] for row in csv.DictReader(lines)}
    if unknown := sorted(set(shows.values()) - {"", *teachable_labels()}):
        raise DatasetError(f"{table}: {', '.join(unknown)} in column shows: no breed of the catalogue")
    kept = []
    for photo in photos:
        try:
            label = shows.get((digits(photo.path), photo.breed), photo.breed)
        except DatasetError:
            label = photo.breed  # whoever looks at the photos names all that cannot be read
        if label:
            kept.append(replace(photo, breed=label))
    return kept


def digits(path: Path) -> str:
    """What the list knows a photo by.

    Raises:
        DatasetError: it cannot be read.
    """
    try:
        return hashlib.sha256(read_photo(path)).hexdigest()[:DIGITS]
    except PhotoError as error:
        raise DatasetError(f"{path}: {error}") from error
