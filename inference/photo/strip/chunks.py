"""PNG and WebP files, chains of chunks, without the chunks that say something about their maker."""

import struct
import zlib
from collections.abc import Iterator
from typing import Final

from inference.photo.exif_orientation import exif_block, exif_orientation

_SIGNATURE_BYTES: Final = 8
# What pixels, colours and movement depend on (PNG, 11 and APNG); text, time and EXIF do not belong to it.
_OF_PNG: Final = frozenset(
    {
        *(b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"cHRM", b"gAMA", b"iCCP", b"sBIT", b"sRGB", b"cICP"),
        *(b"bKGD", b"pHYs", b"acTL", b"fcTL", b"fdAT"),
    }
)
# What the pixels themselves depend on: a colour profile or a gamma that is damaged must not cost the picture.
_PIXELS_OF_PNG: Final = frozenset((b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"))
_OF_WEBP: Final = frozenset((b"VP8X", b"VP8 ", b"VP8L", b"ALPH", b"ANIM", b"ANMF", b"ICCP"))  # RFC 9649, 2.7
_EXIF_FLAG, _XMP_FLAG = 0x08, 0x04


def bare_png(data: bytes, *, pixels_only: bool = False) -> bytes:
    """Keep pixels, colours and, if it is not 1, the orientation. `pixels_only`: no colours, and the first of many.

    Raises:
        ValueError: not a chain of chunks.
    """
    kept, exif, wanted = [], b"", _PIXELS_OF_PNG if pixels_only else _OF_PNG
    for name, body, chunk in _png_chunks(data):
        exif = body if name == b"eXIf" else exif
        if name in wanted:
            kept.append((name, chunk))
    upright = exif_block(exif_orientation(exif))
    about = [_png_chunk(b"eXIf", upright)] if upright else []
    header, *others = [chunk for _, chunk in kept]
    return b"".join([data[:_SIGNATURE_BYTES], header, *about, *others])


def bare_webp(data: bytes) -> bytes:
    """Keep pixels, colours, movement and, if it is not 1, the orientation.

    Raises:
        ValueError: not a chain of chunks, or damaged.
    """
    kept, exif = [], b""
    for name, body in _webp_chunks(data):
        exif = body if name == b"EXIF" else exif
        if name in _OF_WEBP:
            kept.append((name, body))
    extended = bool(kept) and kept[0][0] == b"VP8X"
    told = extended and kept[0][1][0] & _EXIF_FLAG  # without the flag no decoder looks for it
    upright = exif_block(exif_orientation(exif)) if told else b""
    if extended:
        flags = kept[0][1][0] & ~(_EXIF_FLAG | _XMP_FLAG) | (_EXIF_FLAG if upright else 0)
        kept[0] = (b"VP8X", bytes([flags]) + kept[0][1][1:])
        if upright:
            kept.append((b"EXIF", upright))
    whole = b"WEBP" + b"".join(_webp_chunk(name, body) for name, body in kept)
    return b"RIFF" + struct.pack("<I", len(whole)) + whole


def _png_chunks(data: bytes) -> Iterator[tuple[bytes, bytes, bytes]]:
    """Name, body and whole chunk, up to the end of the picture."""
    at, name = _SIGNATURE_BYTES, b""
    while name != b"IEND":
        end = at + 12 + int.from_bytes(data[at : at + 4])
        if at + 12 > len(data) or end > len(data):
            raise ValueError(f"the chunk at byte {at} ends nowhere")
        name = data[at + 4 : at + 8]
        yield name, data[at + 8 : end - 4], data[at:end]
        at = end


def _png_chunk(name: bytes, body: bytes) -> bytes:
    return len(body).to_bytes(4) + name + body + zlib.crc32(name + body).to_bytes(4)


def _webp_chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at, end = 12, 8 + int.from_bytes(data[4:8], "little")
    if end > len(data):
        raise ValueError("the file ends early")
    while at + 8 <= end:
        size = int.from_bytes(data[at + 4 : at + 8], "little")
        if at + 8 + size > end:
            raise ValueError(f"the chunk at byte {at} ends nowhere")
        yield data[at : at + 4], data[at + 8 : at + 8 + size]
        at += 8 + size + size % 2


def _webp_chunk(name: bytes, body: bytes) -> bytes:
    return name + struct.pack("<I", len(body)) + body + bytes(len(body) % 2)
