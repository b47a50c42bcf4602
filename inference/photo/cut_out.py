"""One dog, cut out of a photo."""

from collections.abc import Sequence
from io import BytesIO

from inference.photo.decode import decode_image


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
