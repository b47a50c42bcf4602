"""A sheet shows every picture whole, in its place, with its line."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from training.pictures.contact_sheet import BACKGROUND, LABEL_PX, MARGIN_PX, TITLE_PX, Tile, contact_sheet, save_sheet

TOP = TITLE_PX + 2 * MARGIN_PX


def plain(
    colour: tuple[int, int, int], height: int = 10, width: int = 10
) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    return np.full((height, width, 3), colour, np.uint8)


def test_rows_may_differ_in_length_and_pictures_in_shape() -> None:
    rows = [
        [Tile(plain((255, 0, 0)), "red"), Tile(plain((0, 255, 0), 5, 50), "wide")],
        [Tile(plain((0, 0, 255), 50, 5), "high")],
    ]

    sheet = contact_sheet(rows, "colours", tile_px=40)

    step = 40 + LABEL_PX + 2 * MARGIN_PX
    assert sheet.size == (MARGIN_PX + 2 * (40 + MARGIN_PX), TOP + 2 * step)
    middles = [(30, TOP + 20), (80, TOP + 20), (30, TOP + step + 20)]
    assert [sheet.getpixel(place) for place in middles] == [(255, 0, 0), (0, 255, 0), (0, 0, 255)]
    assert sheet.getpixel((80, TOP + step + 20)) == BACKGROUND
    columns = np.asarray(sheet)[TOP + 20 : TOP + 21, 60:100]
    assert (columns == (0, 255, 0)).all(), "a wide picture is shown to its ends"


def test_a_label_that_does_not_fit_stays_within_its_column() -> None:
    tiles = [Tile(plain((9, 9, 9)), "a very long name of a breed indeed"), Tile(plain((9, 9, 9)), "")]

    sheet = np.asarray(contact_sheet([tiles], "t", tile_px=60))

    line = sheet[TOP + 60 + 2 :]
    assert (line[:, :70] != 255).any()
    assert (line[:, 72:] == 255).all()


def test_an_empty_sheet_is_only_its_title() -> None:
    assert contact_sheet([], "nothing").height == TOP


def test_a_sheet_is_written_as_a_whole_into_a_new_folder(tmp_path: Path) -> None:
    path = tmp_path / "new" / "sheet.png"

    save_sheet(contact_sheet([], "title", 30), path)

    with Image.open(path) as image:
        assert image.format == "PNG"
    assert list(path.parent.iterdir()) == [path]


def test_a_failing_write_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "sheet.png").mkdir()

    with pytest.raises(OSError, match=r"sheet\.png"):
        save_sheet(contact_sheet([], "title", 30), tmp_path / "sheet.png")

    assert [path.name for path in tmp_path.iterdir()] == ["sheet.png"]
