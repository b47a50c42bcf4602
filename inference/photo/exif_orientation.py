"""Which way up a photo is: read from its EXIF block, and from nothing else in it; or written, and nothing else."""

import struct
from typing import Final

UPRIGHT: Final = 1
_TAG: Final = 0x0112  # Orientation (EXIF 2.32, 4.6.4 A)
_SHORT: Final = 3
_ENTRY_BYTES: Final = 12


def exif_orientation(block: bytes) -> int:
    """Read the orientation, 1–8, from the first directory of a TIFF block; 1 when it says nothing sensible.

    Pillow's own reader parses every tag and warns about broken blocks on stderr. A broken block is no reason to refuse
    a good photo, and there are many.
    """
    tiff = block.removeprefix(b"Exif\x00\x00")
    order = {b"II*\x00": "<", b"MM\x00*": ">"}.get(tiff[:4])
    if order is None:
        return UPRIGHT
    try:
        (directory,) = struct.unpack_from(f"{order}I", tiff, 4)
        (entries,) = struct.unpack_from(f"{order}H", tiff, directory)
        for entry in range(entries):
            at = directory + 2 + entry * _ENTRY_BYTES
            tag, kind, _count, value = struct.unpack_from(f"{order}HHIH", tiff, at)
            if tag == _TAG:
                return value if kind == _SHORT and 1 <= value <= 8 else UPRIGHT
    except struct.error:  # the block ends early
        pass
    return UPRIGHT


def exif_block(orientation: int) -> bytes:
    """Write a TIFF block with that orientation as its only tag; none at all for a photo that is upright anyway."""
    if orientation == UPRIGHT:
        return b""
    return struct.pack(">2sHIHHHIHHI", b"MM", 42, 8, 1, _TAG, _SHORT, 1, orientation, 0, 0)
