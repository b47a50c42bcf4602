"""A run sees the breeds that its recipe names, or says how it differs, and refuses what cannot be split."""

import logging
from collections import Counter
from pathlib import Path

import pytest
from coloured_breeds import FIVE, coloured_breeds

pytest.importorskip("scipy")

from stanford_folder import BREEDS, make_stanford

from training.data.read.dataset import DatasetError
from training.data.read.study_breeds import STUDY_BREEDS
from training.studies.reference.data import STANFORD_BREEDS, StudyData, study_data


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return coloured_breeds(tmp_path_factory.mktemp("photos"), 20, {**FIVE, "beagle": (1, 2, 3)}, (4, 4))


def read(folder: Path, breeds: tuple[str, ...] = STUDY_BREEDS, **changed: object) -> StudyData:
    options = {"validation": 0.15, "test": 0.10, "seed": 1, "division": "seeded"} | changed
    return study_data(folder, breeds, **options)  # type: ignore[arg-type]


def test_the_five_breeds_are_split_and_the_stand_in_is_told(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:  # fmt: skip
    with caplog.at_level(logging.WARNING):
        data = read(folder)

    assert data.classes == ("maltese", "irish_wolfhound", "french_bulldog", "afghan_hound", "pomeranian")
    assert data.notes == ("irish_wolfhound stands in for scottish_deerhound",)
    assert "irish_wolfhound stands in for scottish_deerhound" in caplog.text
    parts = (data.split.train, data.split.validation, data.split.test)
    assert [Counter(photo.breed for photo in part) for part in parts] == [
        dict.fromkeys(data.classes, count) for count in (15, 3, 2)
    ]
    assert data.photos == [*parts[0], *parts[1], *parts[2]]


def test_the_fingerprint_tells_splits_and_labels_apart(folder: Path) -> None:
    assert read(folder).fingerprint == read(folder).fingerprint
    assert len({read(folder).fingerprint, read(folder, seed=2).fingerprint, read(folder, ("beagle", "maltese")).fingerprint}) == 3  # noqa: E501  # fmt: skip


def test_all_of_stanford_takes_what_is_there(folder: Path) -> None:
    data = read(folder, STANFORD_BREEDS)

    assert len(STANFORD_BREEDS) == 120
    assert set(data.classes) == {*FIVE, "beagle"}
    assert data.notes == ("114 of 120 breeds have no photos and are left out",)


def test_stanfords_own_split_is_taken_where_its_lists_are(tmp_path: Path) -> None:
    root = make_stanford(tmp_path / "stanford")

    for folder in (root, root / "Images"):
        data = read(folder, tuple(BREEDS.values()), division="official")

        assert len(data.split.test) == 4 * len(BREEDS)
        assert data.notes == ()


def test_without_lists_the_seed_splits_and_that_is_told(folder: Path) -> None:
    data = read(folder, ("beagle", "maltese"), division="official")

    assert len(data.split.test) == 4
    assert data.notes == ("split by seed, for Stanford's lists are not beside the photos",)


def test_breeds_without_photos_are_refused(folder: Path) -> None:
    with pytest.raises(DatasetError, match="photos of 1 of the 2 breeds that the recipe names; 2 are needed"):
        read(folder, ("beagle", "pug"))


def test_too_few_photos_are_refused(tmp_path: Path) -> None:
    folder = coloured_breeds(tmp_path / "few", 1, size=(4, 4))

    with pytest.raises(DatasetError, match="too few photos, none is left for validation"):
        read(folder)
