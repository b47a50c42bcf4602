"""The five breeds of the study, and what stands in where a data set lacks one."""

from collections.abc import Collection, Sequence
from typing import Final

from training.data.read.labelled_photo import DatasetError, LabelledPhoto

STUDY_BREEDS: Final = ("maltese", "scottish_deerhound", "french_bulldog", "afghan_hound", "pomeranian")
STAND_INS: Final = {"scottish_deerhound": "irish_wolfhound"}  # the most alike: large, rough-haired sighthounds


def study_breeds(photos: Sequence[LabelledPhoto]) -> tuple[str, ...]:
    """The five breeds as they are among these photos; compare with `STUDY_BREEDS` and say which one stands in.

    Raises:
        DatasetError: one of them and its stand-in are missing.
    """
    there = {photo.breed for photo in photos}
    chosen = [breed if breed in there else STAND_INS.get(breed, breed) for breed in STUDY_BREEDS]
    if missing := [breed for breed in chosen if breed not in there]:
        raise DatasetError(f"no photos of {', '.join(missing)}: the study needs its five breeds, each in its folder")
    return tuple(chosen)


def of_breeds(photos: Sequence[LabelledPhoto], breeds: Collection[str]) -> list[LabelledPhoto]:
    """The photos of these breeds only, in the same order."""
    return [photo for photo in photos if photo.breed in breeds]
