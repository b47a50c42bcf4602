"""Sizes and sources of photos, as far as their files tell."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from training.data.read.dataset import LabelledPhoto
from training.evaluation.report.photo_facts import short_sides, sources


@pytest.fixture
def photo(tmp_path: Path) -> LabelledPhoto:
    (tmp_path / "dogs" / "pug").mkdir(parents=True)
    path = tmp_path / "dogs" / "pug" / "1.png"
    Image.new("RGB", (30, 20)).save(path)
    return LabelledPhoto(path, "pug", "1")


def test_the_short_side_is_read_from_the_header_where_there_is_one(photo: LabelledPhoto, tmp_path: Path) -> None:
    (tmp_path / "junk.jpg").write_bytes(b"junk")
    others = [LabelledPhoto(tmp_path / name, "pug", name) for name in ("junk.jpg", "missing.jpg")]

    np.testing.assert_array_equal(short_sides([photo, *others]), [20, np.nan, np.nan])


def test_the_source_is_found_through_links_beside_the_breeds_folders(photo: LabelledPhoto, tmp_path: Path) -> None:
    (tmp_path / "dogs" / "photos.csv").write_text("file,source\npug/1.png,someone\n", encoding="utf-8")
    link = tmp_path / "link.png"
    link.symlink_to(photo.path)

    assert sources([photo, LabelledPhoto(link, "pug", "2")]) == ["someone", "someone"]


@pytest.mark.parametrize("table", [None, "file,breed\npug/1.png,pug\n", "\x00", "file,source\npug/2.png,x\n"])
def test_no_table_or_one_without_sources_gives_none(photo: LabelledPhoto, tmp_path: Path, table: str | None) -> None:
    if table is not None:
        (tmp_path / "dogs" / "photos.csv").write_text(table, encoding="utf-8")

    assert sources([photo]) == [""]
