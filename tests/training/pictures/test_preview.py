"""Six photos of different breeds, each with what was made of it."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from training.data.read.dataset import DatasetError, LabelledPhoto
from training.pictures.augmentation_presets import preset
from training.pictures.image_steps import parse
from training.pictures.preview import PHOTOS, VARIATIONS, preview


@pytest.fixture
def photos(tmp_path: Path) -> list[LabelledPhoto]:
    """Five of each of three breeds; the level of grey tells photos apart."""
    made = []
    for number in range(15):
        path = tmp_path / f"{number}.png"
        Image.new("RGB", (40, 30), (10 * number, 10 * number, 10 * number)).save(path)
        made.append(LabelledPhoto(path, ("basset_hound", "beagle", "pug")[number // 5], str(number)))
    return made


def test_each_row_has_the_photo_every_step_all_steps_and_the_variations(photos: list[LabelledPhoto]) -> None:
    rows = preview(photos, parse("equalise,squash:20"), preset("study"))

    assert len(rows) == PHOTOS
    labels = [tile.label for tile in rows[0]]
    assert labels[1:4] == ["equalise", "squash:20", "all in order"]
    assert labels[4:] == [f"variation {number}" for number in range(1, VARIATIONS + 1)]
    assert {row[0].label for row in rows} == {"basset hound", "beagle", "pug"}
    assert rows[0][0].image.shape == rows[0][1].image.shape == (30, 40, 3)
    assert rows[0][3].image.shape == (20, 20, 3)


def test_no_photo_comes_twice_and_the_seed_chooses_them(photos: list[LabelledPhoto]) -> None:
    chosen = [[row[0].image.tobytes() for row in preview(photos, parse(""), None, seed)] for seed in (1, 1, 2)]

    assert len(set(chosen[0])) == PHOTOS
    assert chosen[0] == chosen[1] != chosen[2]


def test_few_photos_make_few_rows_and_one_step_needs_no_sum(photos: list[LabelledPhoto]) -> None:
    rows = preview(photos[:2], parse("denoise"), None)

    assert [[tile.label for tile in row] for row in rows] == [["basset hound", "denoise"]] * 2


def test_photos_that_cannot_be_read_are_passed_over_unless_there_are_no_others(photos: list[LabelledPhoto]) -> None:
    for photo in photos[:-1]:
        photo.path.write_bytes(b"no photo")

    rows = preview(photos, parse(""), preset("none"))

    assert len(rows) == 1
    np.testing.assert_array_equal(rows[0][0].image, 140)
    photos[-1].path.unlink()
    with pytest.raises(DatasetError, match=r"none of 15 photos can be read, the first is .*0\.png"):
        preview(photos, parse(""), preset("none"))
