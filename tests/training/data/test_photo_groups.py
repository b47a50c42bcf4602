"""Groups go into photos.csv and come back out of it; what else is in the table stays."""

from pathlib import Path

import pytest

from training.data.read.labelled_photo import DatasetError
from training.data.read.photo_groups import read_groups, write_groups


def test_a_new_table_has_what_was_written(tmp_path: Path) -> None:
    groups = {"pug/a.jpg": "1", 'pug/b, "c".jpg': "1", "pug/ñ.jpg": "2"}

    write_groups(tmp_path / "photos.csv", groups)

    assert read_groups(tmp_path / "photos.csv") == groups
    assert [path.name for path in tmp_path.iterdir()] == ["photos.csv"]


def test_other_rows_and_columns_stay(tmp_path: Path) -> None:
    table = tmp_path / "photos.csv"
    table.write_text(
        "\ufefffile,breed,group,source\npug/a.jpg,pug,7,kennel\npug/b.jpg,pug,8,kennel\n", encoding="utf-8"
    )

    write_groups(table, {"pug/b.jpg": "7", "pug/new.jpg": "9"})

    assert table.read_text(encoding="utf-8") == (
        "file,breed,group,source\npug/a.jpg,pug,7,kennel\npug/b.jpg,pug,7,kennel\npug/new.jpg,,9,\n"
    )


def test_without_a_group_photos_stand_alone_until_one_is_written(tmp_path: Path) -> None:
    table = tmp_path / "photos.csv"
    table.write_text("file,source\npug/a.jpg,kennel\npug/b.jpg,kennel\n")

    assert read_groups(table) == {}

    write_groups(table, {"pug/b.jpg": "7"})

    assert table.read_text() == "file,source,group\npug/a.jpg,kennel,\npug/b.jpg,kennel,7\n"
    assert read_groups(table) == {"pug/b.jpg": "7"}


def test_a_table_of_something_else_is_not_touched(tmp_path: Path) -> None:
    table = tmp_path / "photos.csv"
    table.write_text("name,price\npug,3\n")

    with pytest.raises(DatasetError, match="no column 'file'"):
        write_groups(table, {"pug/a.jpg": "1"})
    assert table.read_text() == "name,price\npug,3\n"
