"""Pictures inside a page: small, without what a camera wrote beside them, as data URIs (RFC 2397)."""

import base64
import io
from pathlib import Path

from PIL import Image

from inference.photo.decode import PhotoError, decode_image
from inference.photo.file_batches import read_photo

THUMBNAIL_PX = 240  # twice the width shown on a phone's narrow columns
_QUALITY = 78


def thumbnail(path: Path, side_px: int = THUMBNAIL_PX) -> str | None:
    """Give a photo, upright and encoded anew, so that no EXIF, GPS or colour profile travels along.

    None where it cannot be read any more.
    """
    try:
        image = decode_image(read_photo(path), min_side_px=side_px)
    except PhotoError:
        return None
    image.thumbnail((side_px, side_px), Image.Resampling.LANCZOS)
    return _webp(Image.frombytes("RGB", image.size, image.tobytes()), lossless=False)


def plot(png: bytes) -> tuple[str, int, int]:
    """Give a plot without loss in about half of the PNG's bytes, with its width and height."""
    with Image.open(io.BytesIO(png)) as image:
        return _webp(image.convert("RGB"), lossless=True), image.width, image.height


def _webp(image: Image.Image, *, lossless: bool) -> str:
    file = io.BytesIO()
    image.save(file, "WEBP", quality=_QUALITY, lossless=lossless, method=4)
    return f"data:image/webp;base64,{base64.b64encode(file.getvalue()).decode()}"
