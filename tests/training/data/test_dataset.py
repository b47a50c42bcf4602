"""Folders of photos are read completely, in one order, or refused with folder and reason."""

import os
from pathlib import Path

import pytest
from checkout import SHARED

from training.data.read.dataset import DatasetError, LabelledPhoto, fingerprint, read_photos
from training.data.read.labelled_photo import unreadable

DOGS = SHARED / "dogs"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("pug/b.jpg", "pug/a.JPG", "beagle/1.webp", "not_a_dog/cat.png", "beagle/2.avif"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(name.encode())
    return tmp_path


def test_photos_come_sorted_each_in_a_group_of_its_own(folder: Path) -> None:
    photos = read_photos(folder)

    assert [photo.path.relative_to(folder).as_posix() for photo in photos] == [
        "beagle/1.webp",
        "beagle/2.avif",
        "not_a_dog/cat.png",
        "pug/a.JPG",
        "pug/b.jpg",
    ]
    assert [photo.breed for photo in photos] == ["beagle", "beagle", "not_a_dog", "pug", "pug"]
    assert len({photo.group for photo in photos}) == len(photos)


def test_groups_come_from_the_table_and_others_stay_alone(folder: Path) -> None:
    (folder / "photos.csv").write_text("file,group,note\npug/a.JPG,7,x\nbeagle/1.webp,7,y\npug/gone.jpg,9,z\n")

    groups = {photo.path.name: photo.group for photo in read_photos(folder)}

    assert groups["a.JPG"] == groups["1.webp"] == "7"
    assert len(set(groups.values())) == len(groups) - 1


def test_what_desktops_and_notebooks_leave_is_no_photo(folder: Path) -> None:
    (folder / ".ipynb_checkpoints").mkdir()
    (folder / "pug" / "._a.jpg").write_bytes(b"")
    (folder / "pug" / "Thumbs.db").write_bytes(b"")
    (folder / "readme.txt").write_text("")

    assert len(read_photos(folder)) == 5


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"none: no such folder; give one with"):
        read_photos(tmp_path / "none")


def test_a_folder_without_photos_is_named(tmp_path: Path) -> None:
    (tmp_path / "pug").mkdir()

    with pytest.raises(DatasetError, match=f"{tmp_path}: no photos in it"):
        read_photos(tmp_path)


def test_a_folder_that_is_no_breed_is_named(folder: Path) -> None:
    (folder / "unicorn").mkdir()

    with pytest.raises(DatasetError, match=r"unicorn: 'unicorn' is no breed of the catalogue; `breedbot breeds`"):
        read_photos(folder)


@pytest.mark.parametrize(
    ("table", "reason"),
    [
        (b"path,group\nx,1\n", "no column 'file'"),
        (b"file,group\n\xff,1\n", "UTF-8"),
    ],
)
def test_a_table_that_cannot_be_read_is_named(folder: Path, table: bytes, reason: str) -> None:
    (folder / "photos.csv").write_bytes(table)

    with pytest.raises(DatasetError, match=rf"photos\.csv: .*{reason}"):
        read_photos(folder)


def test_the_fingerprint_changes_with_pixels_names_labels_and_order_only(folder: Path) -> None:
    photos = read_photos(folder)
    moved = folder.rename(folder.with_name("moved"))
    same = [LabelledPhoto(moved / photo.path.relative_to(folder), photo.breed, "other group") for photo in photos]
    first = same[0]
    whole = fingerprint(same)

    assert fingerprint(same) == whole
    assert fingerprint([LabelledPhoto(first.path, "pug", "1"), *same[1:]]) != whole
    assert fingerprint(same[::-1]) != whole
    assert fingerprint(same[1:]) != whole
    first.path.write_bytes(b"other")
    assert fingerprint(same) != whole


@pytest.mark.timeout(20)
def test_the_fingerprint_names_what_is_no_file_and_waits_for_no_pipe(folder: Path) -> None:
    os.mkfifo(folder / "pug" / "pipe.jpg")
    (folder / "pug" / "gone.jpg").symlink_to("/nowhere")

    with pytest.raises(DatasetError, match=r"gone\.jpg: cannot be opened.*; also .*pipe\.jpg: is no file"):
        fingerprint(read_photos(folder))


def test_photos_that_cannot_be_read_are_named_in_one_line_up_to_six() -> None:
    broken = {Path(f"{number}.jpg"): "the file is empty" for number in range(8)}

    assert str(unreadable({Path("0.jpg"): "the file is empty"})) == "0.jpg: the file is empty; remove or replace it"
    assert str(unreadable(broken)).startswith("0.jpg: the file is empty; also 1.jpg: the file is empty; 2.jpg: ")
    assert str(unreadable(broken)).endswith("and 2 more, which `breedbot data check` names; remove or replace them")


@pytest.mark.slow
@pytest.mark.photos
def test_the_real_photos_are_read() -> None:
    if not DOGS.is_dir():
        pytest.skip("no photos in ../shared")

    photos = read_photos(DOGS)

    assert len(photos) == 18_981
    assert len({photo.breed for photo in photos}) == 133
