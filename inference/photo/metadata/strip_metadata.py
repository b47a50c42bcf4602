"""A photo without what cameras and programs write beside it: place, time, owner, earlier versions.

Its pixels stay what they are, bit by bit, and so do its colour profile and which way up it is.
"""

import io
from collections.abc import Callable, Mapping
from typing import Final

from inference.photo.decode import DEFAULT_LIMITS, PhotoError, decode_image
from inference.photo.decoding_cost import decoding_cost
from inference.photo.formats import SNIFF_BYTES, PhotoFormat, photo_format
from inference.photo.metadata.heif_boxes import bare_heif
from inference.photo.metadata.segments import bare_jpeg, bare_png, bare_webp
from inference.photo.viewing_copy import jpeg


def strip_metadata(data: bytes) -> bytes:
    """Photo → the same picture, and nothing else; takes milliseconds, more for files that no usual program writes.

    Those are encoded anew, as JPEG. What cannot be decoded either comes back as it is: it is nobody's photo. Animations
    lose all but the picture that is looked at, their first.
    """
    kind = photo_format(data[:SNIFF_BYTES])
    if kind is None or len(data) > DEFAULT_LIMITS.limit_bytes or decoding_cost(kind, data).excess:
        return data
    try:
        return _BARE[kind](data)
    except (ValueError, IndexError):
        return _encoded_anew(data)


def _encoded_anew(data: bytes) -> bytes:
    try:
        return jpeg(decode_image(data))
    except PhotoError:
        return data


def _first_picture(data: bytes) -> bytes:
    try:
        picture = decode_image(data)
    except PhotoError:
        return data
    file = io.BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()


_BARE: Final[Mapping[PhotoFormat, Callable[[bytes], bytes]]] = {
    PhotoFormat.JPEG: bare_jpeg,
    PhotoFormat.PNG: bare_png,
    PhotoFormat.WEBP: bare_webp,
    PhotoFormat.GIF: _first_picture,
    PhotoFormat.HEIF: bare_heif,
    PhotoFormat.AVIF: bare_heif,
    PhotoFormat.BMP: _encoded_anew,
    PhotoFormat.TIFF: _encoded_anew,
}
