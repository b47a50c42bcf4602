"""A JPEG without the segments that say something about its photographer (ITU-T T.81, annex B)."""

import re
from collections.abc import Iterator
from typing import Final

from inference.photo.exif_orientation import exif_block, exif_orientation

EXIF: Final = b"Exif\x00\x00"
_SOI, _EOI, _SOS, _COM = 0xD8, 0xD9, 0xDA, 0xFE
_APP0, _APP1, _APP2, _APP14, _APP15 = 0xE0, 0xE1, 0xE2, 0xEE, 0xEF
_BARE_JFIF = 14  # bytes of its body; a thumbnail follows
# What ends the coded data of a scan: a marker that is neither a stuffed byte nor a restart.
_AFTER_SCAN = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")


def bare_jpeg(data: bytes) -> bytes:
    """Keep tables, frames, scans, JFIF, Adobe's colour transform, the ICC profile and, if it is not 1, the orientation.

    All else goes: EXIF, XMP, IPTC, comments, thumbnails, and whatever follows the picture's end, such as the film clip
    of a motion photo. A file that ends early stays one that ends early.

    Raises:
        ValueError, IndexError: not a chain of segments.
    """
    kept, exif = [], []
    for code, segment in _segments(data):
        if code == _APP1 and segment[4:].startswith(EXIF):
            exif.append(segment[10:])
        if (one := _kept(code, segment)) is not None:
            kept.append(one)
    upright = exif_block(exif_orientation(b"".join(exif)))
    about = _segment(_APP1, EXIF + upright) if upright else b""
    first = next((at for at, one in enumerate(kept) if one[1] != _APP0), len(kept))
    return b"".join([bytes([0xFF, _SOI]), *kept[:first], about, *kept[first:]])


def _segments(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Marker and whole segment, one after the other; coded data belongs to the scan before it."""
    at = 2
    while at < len(data):
        while data[at + 1] == 0xFF:  # fill bytes
            at += 1
        code = data[at + 1]
        if data[at] != 0xFF or code in {0x00, _SOI}:
            raise ValueError(f"no marker at byte {at}")
        if code == _EOI:
            yield code, data[at : at + 2]
            return
        end = at + 2 + int.from_bytes(data[at + 2 : at + 4])
        if end < at + 4 or (end > len(data) and code != _SOS):
            raise ValueError(f"the segment at byte {at} ends nowhere")
        if code == _SOS:
            after = _AFTER_SCAN.search(data, end)
            end = after.start() if after else len(data)
        yield code, data[at:end]
        at = end


def _kept(code: int, segment: bytes) -> bytes | None:
    body = segment[4:]
    if code == _APP0:
        return _segment(_APP0, body[: _BARE_JFIF - 2] + bytes(2)) if body.startswith(b"JFIF\x00") else None
    if code == _APP2:
        return segment if body.startswith(b"ICC_PROFILE\x00") else None
    if code == _APP14:
        return segment if body.startswith(b"Adobe") else None
    return None if _APP0 < code <= _APP15 or code == _COM else segment


def _segment(code: int, body: bytes) -> bytes:
    return bytes([0xFF, code]) + (len(body) + 2).to_bytes(2) + body
