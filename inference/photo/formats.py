"""What a file's bytes say before any decoder runs: its true format, and the size of its canvas."""

import re
import struct
from enum import StrEnum
from typing import Final

SNIFF_BYTES = 64
_CHUNKS_BEFORE_PICTURE = 2_000  # 20 MB of texts in the 8 kB chunks of libpng


class PhotoFormat(StrEnum):
    """The formats that are decoded; every other one is refused by name."""

    JPEG = "JPEG"
    PNG = "PNG"
    WEBP = "WebP"
    GIF = "GIF"
    HEIF = "HEIC"
    AVIF = "AVIF"
    BMP = "BMP"
    TIFF = "TIFF"


_HEIF_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1"})
_AVIF_BRANDS = frozenset({b"avif", b"avis"})
_MAGIC = (
    (b"\xff\xd8\xff", PhotoFormat.JPEG),
    (b"\x89PNG\r\n\x1a\n", PhotoFormat.PNG),
    (b"GIF87a", PhotoFormat.GIF),
    (b"GIF89a", PhotoFormat.GIF),
)
_RAW_BOXES = b"ftypcrx "  # Canon's raw photos are in boxes like films
_BMP_HEADERS = frozenset({12, 40, 52, 56, 64, 108, 124})  # bytes of the header after the file's own
_RAW: Final = ("RAW", "raw photo of a camera")
# Begins with; what it is called everywhere; what it is, in English.
_REFUSED: Final = (
    (b"IIU\x00", *_RAW),
    (b"IIRO", *_RAW),
    (b"IIRS", *_RAW),
    (b"MMOR", *_RAW),
    (b"FUJIFILMCCD-RAW", *_RAW),
    (b"FOVb", *_RAW),
    (b"II+\x00", "BigTIFF", "BigTIFF picture"),
    (b"MM\x00+", "BigTIFF", "BigTIFF picture"),
    (b"II\xbc", "JPEG XR", "JPEG XR picture"),
    (b"gimp xcf", "GIMP", "GIMP document"),
    (b"qoif", "QOI", "QOI picture"),
    (b"v/1\x01", "OpenEXR", "OpenEXR picture"),
    (b"#?RADIANCE", "HDR", "Radiance HDR picture"),
    (b"DDS ", "DDS", "DDS texture"),
    (b"BPG\xfb", "BPG", "BPG picture"),
    (b"FLIF", "FLIF", "FLIF picture"),
    (b"AT&TFORM", "DjVu", "DjVu document"),
    (b"%PDF", "PDF", "PDF document"),
    (b"%!PS", "PostScript", "PostScript"),
    (b"\xc5\xd0\xd3\xc6", "PostScript", "PostScript"),
    (b"8BPS", "Photoshop", "Photoshop document"),
    (b"\x00\x00\x01\x00", "ICO", "icon"),
    (b"icns", "ICNS", "icon"),
    (b"\xff\x0a", "JPEG XL", "JPEG XL picture"),
    (b"\x00\x00\x00\x0cJXL ", "JPEG XL", "JPEG XL picture"),
    (b"\x00\x00\x00\x0cjP  ", "JPEG 2000", "JPEG 2000 picture"),
    (b"\xff\x4f\xff\x51", "JPEG 2000", "JPEG 2000 picture"),
    (b"\x1aE\xdf\xa3", "Matroska", "WebM or Matroska video"),
    (b"\x00\x00\x01\xba", "MPEG", "MPEG video"),
    (b"FLV", "Flash", "Flash video"),
    (b"0&\xb2u", "WMV", "Windows Media video"),
    (b"OggS", "Ogg", "Ogg sound"),
    (b"ID3", "MP3", "MP3 sound"),
    (b"fLaC", "FLAC", "FLAC sound"),
    (b"PK\x03\x04", "ZIP", "ZIP archive or Office document"),
    (b"\x1f\x8b", "gzip", "gzip archive"),
    (b"BZh", "bzip2", "bzip2 archive"),
    (b"\xfd7zXZ", "XZ", "XZ archive"),
    (b"(\xb5/\xfd", "Zstandard", "Zstandard archive"),
    (b"Rar!", "RAR", "RAR archive"),
    (b"7z\xbc\xaf", "7-Zip", "7-Zip archive"),
    (b"\xd0\xcf\x11\xe0", "Office", "Office document"),
    (b"{\\rtf", "RTF", "RTF document"),
)
_BEFORE_WORDS: Final = b"\xef\xbb\xbf \t\r\n"  # a mark of the byte order, and blanks
_REFUSED_WORDS: Final = (
    (b"<svg", "SVG", "SVG drawing"),
    (b"<?xml", "SVG", "SVG drawing or XML text"),
    (b"<!DOCTYPE", "HTML", "web page"),
    (b"<html", "HTML", "web page"),
)
_PIXMAP: Final = re.compile(rb"P[1-7]\s")
# TIFF tags (6.0, 8; its supplement 1, 14; DNG 1.7, 5): raw photos show something small first, and the rest is below it.
_KIND_OF_PICTURE, _PICTURES_BELOW, _DNG_VERSION = 0x00FE, 0x014A, 0xC612
_SMALLER_THAN_ANOTHER: Final = 1
_TIFF_ENTRY_BYTES: Final = 12


def photo_format(data: bytes) -> PhotoFormat | None:
    """Name the format by the file's first bytes (never by its name), or None when it is none of ours."""
    for magic, kind in _MAGIC:
        if data.startswith(magic):
            return kind
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return PhotoFormat.WEBP
    if data.startswith(b"BM") and int.from_bytes(data[14:18], "little") in _BMP_HEADERS:
        return PhotoFormat.BMP
    if data.startswith((b"II*\x00", b"MM\x00*")) and data[8:10] != b"CR":  # Canon's raw photos begin so, too
        return PhotoFormat.TIFF
    return _boxed_format(data)


def refused_format(data: bytes) -> tuple[str, str] | None:
    """Name a well-known format that is not decoded, in short and in words ("PDF", "PDF document"); None: unknown."""
    if data[4:12] == _RAW_BOXES or _is_raw(data):
        return _RAW
    if photo_format(data[:SNIFF_BYTES]) is not None:
        return None
    if data[4:8] == b"ftyp":
        return "MP4", "video (MP4 or QuickTime)"
    if data.startswith(b"RIFF"):
        return "RIFF", "AVI video or WAV sound"
    if _PIXMAP.match(data):
        return "PNM", "portable pixmap (PPM, PGM, PBM)"
    words = data[:SNIFF_BYTES].lstrip(_BEFORE_WORDS)
    found = [one for one in _REFUSED if data.startswith(one[0])] or [
        one for one in _REFUSED_WORDS if words.startswith(one[0])
    ]
    return found[0][1:] if found else None


def _is_raw(data: bytes) -> bool:
    """A raw photo that begins as a TIFF does: Adobe's DNG, Canon's, Nikon's, Sony's."""
    order = {b"II*\x00": "<", b"MM\x00*": ">"}.get(data[:4])
    if order is None:
        return False
    tags = {}
    try:
        (directory,) = struct.unpack_from(f"{order}I", data, 4)
        (entries,) = struct.unpack_from(f"{order}H", data, directory)
        for entry in range(entries):
            tag, _kind, _count, value = struct.unpack_from(
                f"{order}HHII", data, directory + 2 + entry * _TIFF_ENTRY_BYTES
            )
            tags[tag] = value
    except struct.error:  # it was cut off
        pass
    small = tags.get(_KIND_OF_PICTURE) == _SMALLER_THAN_ANOTHER
    return data[8:10] == b"CR" or _DNG_VERSION in tags or (small and _PICTURES_BELOW in tags)


def clip_format(data: bytes) -> str | None:
    """``mp4`` (and QuickTime), ``webm`` (and Matroska), ``gif``, or a ``png`` or ``webp`` that moves; else None."""
    still = photo_format(data[:SNIFF_BYTES])
    if still is not None:
        moving = still is PhotoFormat.GIF or (still in {PhotoFormat.PNG, PhotoFormat.WEBP} and _moves(data))
        return still.name.lower() if moving else None
    if (data[4:8] == b"ftyp" and data[4:12] != _RAW_BOXES) or data[4:8] in {b"moov", b"wide", b"mdat"}:
        return "mp4"
    return "webm" if data.startswith(b"\x1aE\xdf\xa3") else None


def webp_size(data: bytes) -> tuple[int, int] | None:
    """Width and height of a WebP canvas (RFC 9649, 2.5–2.7), or None if the header is damaged.

    Pillow's decoder allocates the canvas as soon as it is opened, so its own size comes too late.
    """
    chunk, body = data[12:16], data[20:30]
    if len(body) < 10:
        return None
    if chunk == b"VP8X":
        return int.from_bytes(body[4:7], "little") + 1, int.from_bytes(body[7:10], "little") + 1
    if chunk == b"VP8L":
        bits = int.from_bytes(body[1:5], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if chunk == b"VP8 ":
        return int.from_bytes(body[6:8], "little") & 0x3FFF, int.from_bytes(body[8:10], "little") & 0x3FFF
    return None


def _boxed_format(data: bytes) -> PhotoFormat | None:
    """HEIC and AVIF share one container; the brands in its `ftyp` box tell them apart (ISO/IEC 23008-12, 10)."""
    if data[4:8] != b"ftyp":
        return None
    end = min(int.from_bytes(data[:4]), SNIFF_BYTES)
    brands = {data[8:12], *(data[at : at + 4] for at in range(16, end, 4))}
    if brands & _AVIF_BRANDS:
        return PhotoFormat.AVIF
    return PhotoFormat.HEIF if brands & _HEIF_BRANDS else None


def _moves(data: bytes) -> bool:
    """Whether a WebP (RFC 9649, 2.7) or a PNG (third edition, 11.3.6) announces several pictures."""
    if data.startswith(b"RIFF"):
        return data[12:16] == b"VP8X" and bool(data[20:21]) and bool(data[20] & 0x02)
    at = 8
    for _ in range(_CHUNKS_BEFORE_PICTURE):
        kind = data[at + 4 : at + 8]
        if kind == b"acTL":
            return int.from_bytes(data[at + 8 : at + 12]) > 1
        if kind in {b"IDAT", b""}:
            return False
        at += 12 + int.from_bytes(data[at : at + 4])
    return False
