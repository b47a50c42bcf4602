"""The study's five breeds are found, or what stands in for one, or what is missing is named."""

from pathlib import Path

import pytest

from training.data.read.labelled_photo import DatasetError, LabelledPhoto
from training.data.read.study_breeds import STUDY_BREEDS, of_breeds, study_breeds


def photos_of(*breeds: str) -> list[LabelledPhoto]:
    return [LabelledPhoto(Path(breed) / "a.jpg", breed, breed) for breed in breeds]


def test_the_five_breeds_are_taken_as_the_study_names_them() -> None:
    photos = photos_of(*STUDY_BREEDS, "pug", "irish_wolfhound")

    assert study_breeds(photos) == STUDY_BREEDS
    assert [photo.breed for photo in of_breeds(photos, STUDY_BREEDS)] == list(STUDY_BREEDS)


def test_the_wolfhound_stands_in_for_the_deerhound() -> None:
    chosen = study_breeds(photos_of("maltese", "irish_wolfhound", "french_bulldog", "afghan_hound", "pomeranian"))

    assert chosen == ("maltese", "irish_wolfhound", "french_bulldog", "afghan_hound", "pomeranian")


def test_missing_breeds_are_named() -> None:
    with pytest.raises(DatasetError, match="no photos of irish_wolfhound, pomeranian: "):
        study_breeds(photos_of("maltese", "french_bulldog", "afghan_hound"))
