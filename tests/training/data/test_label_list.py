"""Labels that were looked at and found wrong are put right or left out, whatever the file is called."""

from pathlib import Path

import pytest

from training.data.read.label_list import digits, relabelled
from training.data.read.labelled_photo import DatasetError, LabelledPhoto

HEADER = "sha256,file,label,shows\n"


@pytest.fixture
def photos(tmp_path: Path) -> list[LabelledPhoto]:
    made = []
    for name in ("a", "b", "c"):
        path = tmp_path / f"{name}.jpg"
        path.write_bytes(name.encode())
        made.append(LabelledPhoto(path, "collie", name))
    return made


def listed(folder: Path, rows: str) -> Path:
    path = folder / "list.csv"
    path.write_text(HEADER + rows, encoding="utf-8")
    return path


def test_a_listed_photo_gets_what_it_shows_or_is_left_out(photos: list[LabelledPhoto], tmp_path: Path) -> None:
    first, second = digits(photos[0].path), digits(photos[1].path)

    kept = relabelled(photos, listed(tmp_path, f"{first},x,collie,border_collie\n{second},y,collie,\n"))

    assert [(photo.path.name, photo.breed) for photo in kept] == [("a.jpg", "border_collie"), ("c.jpg", "collie")]


def test_a_photo_that_has_another_label_by_now_is_left_as_it_is(photos: list[LabelledPhoto], tmp_path: Path) -> None:
    table = listed(tmp_path, f"{digits(photos[0].path)},x,pug,border_collie\n")

    assert relabelled(photos, table) == photos


def test_a_list_with_an_unknown_breed_is_refused_and_a_lost_photo_left_to_who_names_all(
    photos: list[LabelledPhoto], tmp_path: Path
) -> None:
    with pytest.raises(DatasetError, match="unicorn"):
        relabelled(photos, listed(tmp_path, "0,x,pug,unicorn\n"))

    photos[1].path.unlink()

    assert relabelled(photos, listed(tmp_path, "")) == photos
    with pytest.raises(DatasetError, match=r"b\.jpg: cannot be opened"):
        digits(photos[1].path)
