"""Copies of a stranger's photo that say nothing but what they show: as any browser shows it, or one dog of it."""

from collections.abc import Sequence
from io import BytesIO

from PIL import Image

from inference.photo.decode import decode_image
from inference.photo.frames import Frame, draw_frames

RATIO_LIMIT = 20  # of the sides of a photo that a bot may send (Bot API, sendPhoto)
VIEW_PX = 1600  # long side; a large photo on a large screen
JPEG_QUALITY = 85


def viewing_copy(data: bytes, frames: Sequence[Frame] = ()) -> bytes:
    """Photo of any format → upright JPEG of at most `VIEW_PX` without the place and time in its EXIF. Takes a while.

    ``frames``: drawn around what is meant in it.

    Raises:
        PhotoError: the bytes are no photo.
    """
    image = decode_image(data, min_side_px=VIEW_PX)
    image.thumbnail((VIEW_PX, VIEW_PX), Image.Resampling.LANCZOS)
    draw_frames(image, frames)
    return jpeg(padded(image))


def cut_out(data: bytes, box: Sequence[float]) -> bytes:
    """Photo of any format → a PNG of what is in a box, upright and without anything but its pixels.

    Args:
        data: the photo's bytes.
        box: x, y, width and height in fractions of the upright photo.

    Raises:
        PhotoError: the bytes are no photo.
    """
    image = decode_image(data)
    left, top, wide, high = box
    x, y = min(int(left * image.width), image.width - 1), min(int(top * image.height), image.height - 1)
    right, bottom = round((left + wide) * image.width), round((top + high) * image.height)
    file = BytesIO()
    image.crop((x, y, max(right, x + 1), max(bottom, y + 1))).save(file, "PNG")
    return file.getvalue()


def padded(image: Image.Image) -> Image.Image:
    """With white beside a picture that is too narrow to be sent."""
    long, short = max(image.size), -(-max(image.size) // RATIO_LIMIT)
    if min(image.size) >= short:
        return image
    wide = Image.new("RGB", (long, short) if image.width == long else (short, long), "white")
    wide.paste(image, ((wide.width - image.width) // 2, (wide.height - image.height) // 2))
    return wide


def jpeg(image: Image.Image) -> bytes:
    """An RGB picture as a JPEG that carries nothing else: no place, no time, no camera."""
    file = BytesIO()
    image.save(file, "JPEG", quality=JPEG_QUALITY)
    return file.getvalue()
