"""Stanford Dogs is read as it was downloaded, and its official split is kept to the photo."""

import shutil
from collections import Counter
from pathlib import Path

import pytest

pytest.importorskip("scipy")

from stanford_folder import BREEDS, EACH, TRAIN_EACH, make_stanford

from training.data.read.dataset import DatasetError, read_photos
from training.data.read.stanford import official_split, read_list


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make_stanford(tmp_path / "stanford")


@pytest.mark.parametrize("below", ["", "Images"])
def test_the_download_and_its_images_are_the_same_photos(folder: Path, below: str) -> None:
    photos = read_photos(folder / below)

    assert Counter(photo.breed for photo in photos) == dict.fromkeys(BREEDS.values(), EACH)
    assert photos[0].group == "n02085620-Chihuahua/n02085620_0.jpg"


def test_a_list_chooses_the_photos_that_it_names(folder: Path) -> None:
    everything = read_photos(folder, folder / "lists")
    train = read_photos(folder, folder / "lists" / "train_list.mat")

    assert everything == read_photos(folder)
    assert len(train) == TRAIN_EACH * len(BREEDS)


def test_the_official_split_keeps_its_test_photos(folder: Path) -> None:
    split = official_split(read_photos(folder), folder / "lists", validation=1 / 3, seed=1)

    tested = {photo.path.relative_to(folder / "Images").as_posix() for photo in split.test}
    assert tested == set(read_list(folder / "lists" / "test_list.mat"))
    assert Counter(photo.breed for photo in split.train) == dict.fromkeys(BREEDS.values(), 4)
    assert Counter(photo.breed for photo in split.validation) == dict.fromkeys(BREEDS.values(), 2)


def test_a_few_breeds_under_other_names_are_split_alike(folder: Path) -> None:
    shutil.rmtree(folder / "Images" / "n02086240-Shih-Tzu")
    (folder / "Images" / "n02085620-Chihuahua").rename(folder / "Images" / "chihuahua")

    split = official_split(read_photos(folder), folder / "lists", validation=0.1, seed=1)

    assert Counter(photo.breed for photo in split.test) == {"afghan_hound": 4, "chihuahua": 4}


def test_a_listed_photo_that_is_not_there_is_named(folder: Path) -> None:
    (folder / "Images" / "n02085620-Chihuahua" / "n02085620_7.jpg").unlink()

    with pytest.raises(DatasetError, match=r"1 photos .* the first is n02085620-Chihuahua/n02085620_7\.jpg"):
        read_photos(folder, folder / "lists")
    with pytest.raises(DatasetError, match=r"n02085620_7\.jpg"):
        official_split(read_photos(folder), folder / "lists", validation=0.1, seed=1)


def test_a_photo_of_no_list_is_named(folder: Path) -> None:
    (folder / "Images" / "n02085620-Chihuahua" / "mine.jpg").write_bytes(b"")

    with pytest.raises(DatasetError, match=r"mine\.jpg: in neither train_list"):
        official_split(read_photos(folder), folder / "lists", validation=0.1, seed=1)


@pytest.mark.parametrize("content", [None, b"", b"junk" * 100])
def test_a_list_that_cannot_be_read_is_named(folder: Path, content: bytes | None) -> None:
    path = folder / "lists" / "file_list.mat"
    path.unlink()
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(DatasetError, match=r"file_list\.mat: (no such list|not a list of Stanford Dogs)"):
        read_photos(folder, folder / "lists")
