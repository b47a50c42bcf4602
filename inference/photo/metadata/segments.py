"""JPEG, PNG and WebP files, chains of segments or chunks, without those that say something about their maker.

Nothing is decoded. Of EXIF, which way up a photo is stays, and nothing else.
"""

import re
import struct
import zlib
from collections.abc import Iterator
from typing import Final

UPRIGHT: Final = 1
_ORIENTATION: Final = 0x0112  # EXIF 2.32, 4.6.4 A
_SHORT: Final = 3
_ENTRY_BYTES: Final = 12
EXIF: Final = b"Exif\x00\x00"
_SOI, _EOI, _SOS, _COM = 0xD8, 0xD9, 0xDA, 0xFE
_APP0, _APP1, _APP2, _APP14, _APP15 = 0xE0, 0xE1, 0xE2, 0xEE, 0xEF
_KEPT_APPS: Final = {_APP2: b"ICC_PROFILE\x00", _APP14: b"Adobe"}
_BARE_JFIF: Final = 14  # bytes of its body; a thumbnail follows
_BARE_ADOBE: Final = 12  # a shorter one says nothing (Adobe's Technical Note 5116, 18)
# What ends the coded data of a scan: a marker that is neither a stuffed byte nor a restart.
_AFTER_SCAN = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
_SIGNATURE_BYTES: Final = 8
_COLOURS_AT: Final = 25  # of a PNG's header: grey 0, RGB 2, a palette 3, with transparency of each pixel 4 and 6
_PALETTE: Final = 3
_BYTES_OF_TRANSPARENCY: Final = {0: {2}, 2: {6}, _PALETTE: set(range(1, 257))}
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
_WEBP_HEAD: Final = 12
_EXIF_FLAG, _XMP_FLAG = 0x08, 0x04


def bare_jpeg(data: bytes) -> bytes:
    """Keep tables, frames, scans, JFIF, Adobe's colour transform, the ICC profile and, if it is not 1, the orientation.

    All else goes: EXIF, XMP, IPTC, comments, thumbnails, and whatever follows the picture's end, such as the film clip
    of a motion photo. A file that ends early stays one that ends early.

    Raises:
        ValueError, IndexError: not a chain of segments.
    """
    kept, exif = [], []
    for code, segment in _segments(data):
        body = segment[4:]
        if code == _APP1 and body.startswith(EXIF):
            exif.append(segment[10:])
        elif code == _APP0 and body.startswith(b"JFIF\x00") and len(body) >= _BARE_JFIF:
            kept.append(_segment(_APP0, body[: _BARE_JFIF - 2] + bytes(2)))
        elif code == _APP14 and len(body) < _BARE_ADOBE:
            continue
        elif body.startswith(_KEPT_APPS[code]) if code in _KEPT_APPS else not _APP0 <= code <= _APP15 and code != _COM:
            kept.append(segment)
    orientation = exif_orientation(b"".join(exif))
    about = b"" if orientation == UPRIGHT else _segment(_APP1, EXIF + _exif_block(orientation))
    first = next((at for at, one in enumerate(kept) if one[1] != _APP0), len(kept))
    return b"".join([bytes([0xFF, _SOI]), *kept[:first], about, *kept[first:]])


def bare_png(data: bytes, *, pixels_only: bool = False) -> bytes:
    """Keep pixels, colours and, if it is not 1, the orientation.

    `pixels_only`: no colours, the first of many, and nothing that is damaged beside the pixels.

    Raises:
        ValueError: not a chain of chunks.
    """
    kept, exif = [], b""
    for name, body, chunk in _png_chunks(data):
        exif = body if name == b"eXIf" else exif
        if _shows_pixels(name, chunk, data[_COLOURS_AT]) if pixels_only else name in _OF_PNG:
            kept.append((name, chunk))
    orientation = exif_orientation(exif)
    about = [] if orientation == UPRIGHT else [_png_chunk(b"eXIf", _exif_block(orientation))]
    header, *others = [chunk for _, chunk in kept]
    return b"".join([data[:_SIGNATURE_BYTES], header, *about, *others])


def _shows_pixels(name: bytes, chunk: bytes, colours: int) -> bool:
    """A palette may also be a proposal, and a transparency that is damaged is none (PNG, 11.2.2 and 11.3.1.1)."""
    if name == b"PLTE":
        return colours == _PALETTE
    if name == b"tRNS":
        whole = zlib.crc32(chunk[4:-4]).to_bytes(4) == chunk[-4:]
        return whole and len(chunk) - 12 in _BYTES_OF_TRANSPARENCY.get(colours, ())
    return name in _PIXELS_OF_PNG


def webp_of_true_length(data: bytes) -> bytes:
    """The same without what was cut off behind the pixels, its length told as it is: some programs tell another."""
    end, told = _WEBP_HEAD, 8 + int.from_bytes(data[4:8], "little")
    while end != told and end + 8 <= len(data) and b"\x00" not in data[end : end + 4]:
        after = end + 8 + int.from_bytes(data[end + 4 : end + 8], "little")
        if after > len(data):
            break
        end = min(after + after % 2, len(data))
    return data if end == told else b"RIFF" + struct.pack("<I", end - 8) + data[8:end]


def bare_webp(data: bytes) -> bytes:
    """Keep pixels, colours, movement and, if it is not 1, the orientation.

    Raises:
        ValueError: not a chain of chunks, or damaged.
    """
    kept, exif = [], b""
    for name, body in webp_chunks(data):
        exif = body if name == b"EXIF" else exif
        if name in _OF_WEBP:
            kept.append((name, body))
    extended = bool(kept) and kept[0][0] == b"VP8X"
    told = extended and kept[0][1][0] & _EXIF_FLAG  # without the flag no decoder looks for it
    orientation = exif_orientation(exif) if told else UPRIGHT
    if extended:
        flags = kept[0][1][0] & ~(_EXIF_FLAG | _XMP_FLAG) | (_EXIF_FLAG if orientation != UPRIGHT else 0)
        kept[0] = (b"VP8X", bytes([flags]) + kept[0][1][1:])
        if orientation != UPRIGHT:
            kept.append((b"EXIF", _exif_block(orientation)))
    whole = b"WEBP" + b"".join(_webp_chunk(name, body) for name, body in kept)
    return b"RIFF" + struct.pack("<I", len(whole)) + whole


def exif_orientation(block: bytes) -> int:
    """Read the orientation, 1–8, from the first directory of a TIFF block; 1 when it says nothing sensible.

    Pillow's own reader parses every tag and warns about broken blocks on stderr. A broken block is no reason to refuse
    a good photo, and there are many.
    """
    tiff = block.removeprefix(EXIF)
    order = {b"II*\x00": "<", b"MM\x00*": ">"}.get(tiff[:4])
    if order is None:
        return UPRIGHT
    try:
        (directory,) = struct.unpack_from(f"{order}I", tiff, 4)
        (entries,) = struct.unpack_from(f"{order}H", tiff, directory)
        for entry in range(entries):
            at = directory + 2 + entry * _ENTRY_BYTES
            tag, kind, _count, value = struct.unpack_from(f"{order}HHIH", tiff, at)
            if tag == _ORIENTATION:
                return value if kind == _SHORT and 1 <= value <= 8 else UPRIGHT
    except struct.error:  # the block ends early
        pass
    return UPRIGHT


def _segments(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Marker and whole segment, one after the other; coded data belongs to the scan before it."""
    at = 2
    while at < len(data):
        while data[at + 1] == 0xFF:  # fill bytes
            at += 1
        code = data[at + 1]
        if data[at : at + 3] == b"\xff\xd8\xff":
            return  # another photo behind one that was cut off
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


def _segment(code: int, body: bytes) -> bytes:
    return bytes([0xFF, code]) + (len(body) + 2).to_bytes(2) + body


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


def webp_chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Name and body of each. Raises ValueError: not a chain of chunks."""
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


def _exif_block(orientation: int) -> bytes:
    """Write a TIFF block with that orientation as its only tag."""
    return struct.pack(">2sHIHHHIHHI", b"MM", 42, 8, 1, _ORIENTATION, _SHORT, 1, orientation, 0, 0)
