"""Telegram's treatment of a photo: upright JPEGs without metadata, longest side 90, 320, 800, 1280, 2560 pixels.

Sizes as in https://core.telegram.org/api/files#image-thumbnail-types (m x y w); each is made as far as the original is
larger, and the original's own size ends the list when it is smaller than 2560.
"""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass
from pathlib import Path

import pillow_heif
from PIL import Image, ImageOps

SIDES_PX = (90, 320, 800, 1280, 2560)
THUMBNAIL_PX = 320
LIMIT_PIXELS = 50_000_000  # beyond this nothing is decoded: the file is sent as a document
_LIMIT_RATIO = 20  # https://core.telegram.org/bots/api#sendphoto
_FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "HEIF", "AVIF")  # JPEG opens MPO, the cameras' two-in-one, too
_JPEG_QUALITY = 87


@dataclass(frozen=True, slots=True)
class Jpeg:
    """One size of a photo."""

    data: bytes
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Picture:
    """What a file's header says, before anything is decoded."""

    format: str
    width: int
    height: int
    frames: int

    @property
    def is_photo(self) -> bool:
        """Whether Telegram would take it as a photo: neither a bomb nor a strip."""
        long, short = max(self.width, self.height), min(self.width, self.height)
        return short > 0 and self.width * self.height <= LIMIT_PIXELS and long <= short * _LIMIT_RATIO


class NotAPhoto(Exception):
    """Cannot be read as an image, or is beyond the limits."""


def look(path: Path) -> Picture | None:
    """Reads the header only; None when it is no image we know."""
    try:
        with _open(path) as image:
            return Picture(image.format or "", image.width, image.height, getattr(image, "n_frames", 1))
    except NotAPhoto:
        return None


def photo_sizes(path: Path) -> list[Jpeg]:
    """The photo in Telegram's sizes, smallest first. Raises NotAPhoto. Blocking: run it in a thread."""
    image = _load(path, SIDES_PX[-1])
    longest = max(image.size)
    sides = [side for side in SIDES_PX if side < longest]
    if longest <= SIDES_PX[-1]:
        sides.append(longest)
    return [_jpeg(_fit(image, side)) for side in sides]


def thumbnail(path: Path) -> Jpeg | None:
    """A small JPEG for a document or an animation; None when there is nothing to see."""
    try:
        return _jpeg(_fit(_load(path, THUMBNAIL_PX), THUMBNAIL_PX))
    except NotAPhoto:
        return None


def _open(path: Path) -> Image.Image:
    pillow_heif.register_heif_opener()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            return Image.open(path, formats=_FORMATS)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise NotAPhoto(str(error)) from error


def _load(path: Path, side_px: int) -> Image.Image:
    """RGB, upright, at least `side_px` long where the file is; JPEGs are decoded no larger than needed."""
    with _open(path) as image:
        if not Picture(image.format or "", image.width, image.height, 1).is_photo:
            raise NotAPhoto(f"{image.width}×{image.height} pixels are beyond the limits")
        try:
            image.draft("RGB", (side_px, side_px))
            image.load()
            return _flatten(ImageOps.exif_transpose(image))
        except (OSError, ValueError, SyntaxError, MemoryError, EOFError) as error:
            raise NotAPhoto(str(error)) from error


def _flatten(image: Image.Image) -> Image.Image:
    """On white, as Telegram does with transparent pictures; 16-bit grey is scaled, not clipped."""
    if image.mode.startswith("I"):
        image = image.convert("I").point(lambda value: value / 256).convert("L")
    if image.mode in {"RGBA", "LA", "PA", "RGBa", "La"} or "transparency" in image.info:
        image = image.convert("RGBA")
        white = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(white, image)
    return image.convert("RGB")


def _fit(image: Image.Image, side_px: int) -> Image.Image:
    longest = max(image.size)
    if longest <= side_px:
        return image
    width, height = (max(1, round(side * side_px / longest)) for side in image.size)
    return image.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=2.0)


def _jpeg(image: Image.Image) -> Jpeg:
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=_JPEG_QUALITY)
    return Jpeg(buffer.getvalue(), image.width, image.height)
