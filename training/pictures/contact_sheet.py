"""Many pictures on one, each with a line below it: to look at what numbers do not show."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from core.atomic_file import whole_file

BACKGROUND = (255, 255, 255)
INK = (30, 30, 30)
FRAME = (225, 225, 225)  # shows where a picture ends, so that a black rim of its own can be told
MARGIN_PX = 10
TITLE_PX = 22
LABEL_PX = 14


@dataclass(frozen=True, slots=True)
class Tile:
    """One picture of a sheet.

    Attributes:
        image: uint8 [H, W, 3], RGB, of any size.
        label: a line below it; what does not fit is cut off with an ellipsis.
    """

    image: NDArray[np.uint8]
    label: str


def contact_sheet(rows: Sequence[Sequence[Tile]], title: str, tile_px: int = 170) -> Image.Image:
    """Draw the rows below each other; a picture is shrunk or enlarged into its square, never cut or distorted."""
    step_x, step_y = tile_px + MARGIN_PX, tile_px + LABEL_PX + 2 * MARGIN_PX
    top = TITLE_PX + 2 * MARGIN_PX
    width = MARGIN_PX + step_x * max(map(len, rows), default=0)
    sheet = Image.new("RGB", (width, top + step_y * len(rows)), BACKGROUND)
    draw = ImageDraw.Draw(sheet)
    _write(draw, (MARGIN_PX, MARGIN_PX), title, TITLE_PX, width - 2 * MARGIN_PX)
    for row, tiles in enumerate(rows):
        for column, tile in enumerate(tiles):
            left, upper = MARGIN_PX + column * step_x, top + row * step_y
            draw.rectangle((left - 1, upper - 1, left + tile_px, upper + tile_px), FRAME)
            picture = _fitted(tile.image, tile_px)
            sheet.paste(picture, (left + (tile_px - picture.width) // 2, upper + (tile_px - picture.height) // 2))
            _write(draw, (left, upper + tile_px + 3), tile.label, LABEL_PX, tile_px)
    return sheet


def save_sheet(sheet: Image.Image, path: Path) -> None:
    """Write a PNG as a whole or not at all; its folder is made where it is missing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with whole_file(path) as temporary:
        sheet.save(temporary, "PNG", optimize=True)


def _fitted(image: NDArray[np.uint8], tile_px: int) -> Image.Image:
    picture = Image.fromarray(image)
    scale = tile_px / max(picture.size)
    width, height = (max(1, round(side * scale)) for side in picture.size)
    return picture.resize((width, height), Image.Resampling.LANCZOS)


def _write(draw: ImageDraw.ImageDraw, place: tuple[int, int], text: str, size_px: int, width_px: int) -> None:
    font = ImageFont.load_default(size_px)
    if draw.textlength(text, font) > width_px:
        while text and draw.textlength(f"{text}…", font) > width_px:
            text = text[:-1]
        text = f"{text}…"
    draw.text(place, text, INK, font)
