"""Which photos a run of the study sees: its breeds as far as they are there, split, and named by a fingerprint."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from core.breeds.catalogue import catalogue
from training.data.read.dataset import DatasetError, LabelledPhoto, fingerprint, read_photos
from training.data.read.photo_folder import photo_root
from training.data.read.split import Split, split_by_group
from training.data.read.stanford import LISTS, TRAIN, official_split
from training.data.read.study_breeds import STUDY_BREEDS, of_breeds, study_breeds

STANFORD_BREEDS: Final = tuple(breed.slug for breed in catalogue().values() if breed.stanford_folder is not None)
FEWEST = 3  # photos of a breed: one to train on, one to stop by, one to measure

Division = Literal["seeded", "official"]

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class StudyData:
    """Photos of one run.

    Attributes:
        classes: breeds in the order of the network's outputs.
        split: who is in which part.
        fingerprint: SHA-256 over all parts' labels and contents.
        notes: how this differs from what the recipe names, such as a breed that another one stands in for.
    """

    classes: tuple[str, ...]
    split: Split
    fingerprint: str
    notes: tuple[str, ...]

    @property
    def photos(self) -> list[LabelledPhoto]:
        """Training, validation and test photos, in this order."""
        return [*self.split.train, *self.split.validation, *self.split.test]


def study_data(
    folder: Path, breeds: Sequence[str], *, validation: float, test: float, seed: int, division: Division
) -> StudyData:
    """Read, choose and split.

    Args:
        folder: of photos, as ``read_photos`` takes it.
        breeds: those that the recipe names.
        validation: share of the photos; of the training photos where the split is official.
        test: share of the photos.
        seed: of the split.
        division: "official" is Stanford's own split where its lists are beside the photos, "seeded" ours.

    Raises:
        DatasetError: a breed of the five is missing with its stand-in, or photos are too few.
    """
    photos = read_photos(folder)
    classes, notes = _classes(photos, breeds)
    chosen = of_breeds(photos, classes)
    lists = _lists(folder) if division == "official" else None
    if lists is not None:
        split = official_split(chosen, lists, validation=validation, seed=seed)
    else:
        split = split_by_group(chosen, validation=validation, test=test, seed=seed)
        if division == "official":
            notes.append("split by seed, for Stanford's lists are not beside the photos")
    _refuse_empty(split, folder)
    for note in notes:
        log.warning("%s: %s", folder, note)
    everything = [*split.train, *split.validation, *split.test]
    return StudyData(tuple(classes), split, fingerprint(everything), tuple(notes))


def _classes(photos: Sequence[LabelledPhoto], breeds: Sequence[str]) -> tuple[list[str], list[str]]:
    there = {photo.breed for photo in photos}
    if tuple(breeds) == STUDY_BREEDS:
        found = study_breeds(photos)
        pairs = zip(found, STUDY_BREEDS, strict=True)
        return list(found), [f"{other} stands in for {breed}" for other, breed in pairs if other != breed]
    known = [breed for breed in breeds if breed in there]
    if len(known) < 2:
        raise DatasetError(f"photos of {len(known)} of the {len(breeds)} breeds that the recipe names; 2 are needed")
    missing = len(breeds) - len(known)
    return known, [f"{missing} of {len(breeds)} breeds have no photos and are left out"] if missing else []


def _lists(folder: Path) -> Path | None:
    root = photo_root(folder)
    candidates = (folder / LISTS, root / LISTS, root.parent / LISTS)
    return next((lists for lists in candidates if (lists / TRAIN).is_file()), None)


def _refuse_empty(split: Split, folder: Path) -> None:
    for name, part in (("training", split.train), ("validation", split.validation), ("test", split.test)):
        if not part:
            raise DatasetError(f"{folder}: too few photos, none is left for {name}; give at least {FEWEST} a breed")
