"""Frames around dogs in a picture, each with its number."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from PIL import Image, ImageDraw, ImageFont

_COLOURS: Final = ("#ffb000", "#00c2ff", "#ff4fa3", "#7ee081", "#fe6100", "#b48cff", "#ffe45c", "#5ce1e6")
"""Of as many dogs as are answered; bright, and told apart by who sees few colours, as the numbers are there too."""
_WIDTH: Final = 1 / 160  # of the long side
_LABEL: Final = 1 / 18


@dataclass(frozen=True, slots=True)
class Frame:
    """Attributes: x, y, width and height in fractions of the picture; what stands in its corner, nothing if empty."""

    box: Sequence[float]
    label: str = ""


def draw_frames(image: Image.Image, frames: Sequence[Frame]) -> None:
    """Draw into an RGB picture. A label stays inside of it, and small dogs are drawn last, so that they show."""
    long = max(image.size)
    width, font = max(2, round(long * _WIDTH)), ImageFont.load_default(max(12, round(long * _LABEL)))
    pen = ImageDraw.Draw(image)
    coloured = [(frame, _COLOURS[place % len(_COLOURS)]) for place, frame in enumerate(frames)]
    for frame, colour in sorted(coloured, key=lambda one: -one[0].box[2] * one[0].box[3]):
        left, top, right, bottom = _pixels(frame.box, image.size, width)
        pen.rectangle((left - 1, top - 1, right + 1, bottom + 1), outline="black", width=width + 2)
        pen.rectangle((left, top, right, bottom), outline=colour, width=width)
        if frame.label:
            _label(pen, frame.label, (left, top), image.size, font, colour)


def _label(
    pen: ImageDraw.ImageDraw,
    label: str,
    corner: tuple[int, int],
    size: tuple[int, int],
    font: ImageFont.FreeTypeFont | ImageFont.ImageFont,
    colour: str,
) -> None:
    x0, y0, x1, y1 = pen.textbbox((0, 0), label, font)
    wide, high = round(x1 - x0) + round(y1 - y0) // 2, round((y1 - y0) * 1.5)
    left, top = min(corner[0], max(0, size[0] - wide)), min(corner[1], max(0, size[1] - high))
    pen.rectangle((left, top, left + wide, top + high), fill=colour, outline="black")
    pen.text((left + wide / 2, top + high / 2), label, "black", font, anchor="mm")


def _pixels(box: Sequence[float], size: tuple[int, int], width: int) -> tuple[int, int, int, int]:
    """Corners within the picture, at least a frame's width apart."""
    left, top, wide, high = box
    right, bottom = (left + wide) * size[0], (top + high) * size[1]
    x, y = _within(left * size[0], size[0], width), _within(top * size[1], size[1], width)
    return x, y, max(x + width, min(round(right), size[0] - 1)), max(y + width, min(round(bottom), size[1] - 1))


def _within(at: float, pixels: int, width: int) -> int:
    return min(max(0, round(at)), max(0, pixels - 1 - width))
