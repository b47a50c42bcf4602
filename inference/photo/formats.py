"""What a file's bytes say before any decoder runs: its true format, the size of its canvas, what decoding will cost."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

SNIFF_BYTES = 64
JPEG_SCANS_LIMIT: Final = 100  # encoders write about ten
JPEG_SEGMENTS_LIMIT: Final = 2_000  # 20 MB of extended XMP are 300
PNG_CHUNKS_LIMIT: Final = 20_000  # 20 MB in the 8 kB chunks of libpng are 2,500
GIF_BLOCKS_LIMIT: Final = 10_000  # 1 MB of XMP before the picture is 4,000
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
_JPEG_MARKER = re.compile(rb"\xff([^\x00\x01\xd0-\xd7\xff])")
_START_OF_SCAN, _END_OF_IMAGE = 0xDA, 0xD9
_FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}  # T.81, table B.1
_SEQUENTIAL: Final = frozenset({0xC0, 0xC1})
_BMP_HEADERS = frozenset({12, 40, 52, 56, 64, 108, 124})  # bytes of the header after the file's own
_REFUSED = (
    (b"II*\x00", "raw photo of a camera"),
    (b"IIU\x00", "raw photo of a camera"),
    (b"IIRO", "raw photo of a camera"),
    (b"IIRS", "raw photo of a camera"),
    (b"MMOR", "raw photo of a camera"),
    (b"FUJIFILMCCD-RAW", "raw photo of a camera"),
    (b"II+\x00", "BigTIFF picture"),
    (b"MM\x00+", "BigTIFF picture"),
    (b"gimp xcf", "GIMP document"),
    (b"qoif", "QOI picture"),
    (b"v/1\x01", "OpenEXR picture"),
    (b"DDS ", "DDS texture"),
    (b"%PDF", "PDF document"),
    (b"%!PS", "PostScript"),
    (b"\xc5\xd0\xd3\xc6", "PostScript"),
    (b"8BPS", "Photoshop document"),
    (b"\x00\x00\x01\x00", "icon"),
    (b"\xff\x0a", "JPEG XL picture"),
    (b"\x00\x00\x00\x0cJXL ", "JPEG XL picture"),
    (b"\x00\x00\x00\x0cjP  ", "JPEG 2000 picture"),
    (b"<svg", "SVG drawing"),
    (b"<?xml", "SVG drawing or XML text"),
    (b"<!DOCTYPE", "web page"),
    (b"<html", "web page"),
    (b"\x1aE\xdf\xa3", "WebM or Matroska video"),
    (b"OggS", "Ogg sound"),
    (b"ID3", "MP3 sound"),
    (b"PK\x03\x04", "ZIP archive or Office document"),
    (b"\x1f\x8b", "gzip archive"),
    (b"Rar!", "RAR archive"),
    (b"7z\xbc\xaf", "7-Zip archive"),
    (b"\xd0\xcf\x11\xe0", "Office document"),
)


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


def refused_format(data: bytes) -> str | None:
    """Name a well-known format that is not decoded ("PDF document"), or None for unknown bytes."""
    if data[4:12] == _RAW_BOXES:
        return "raw photo of a camera"
    if data[4:8] == b"ftyp":
        return "video (MP4 or QuickTime)"
    if data.startswith(b"RIFF"):
        return "AVI video or WAV sound"
    return next((name for magic, name in _REFUSED if data.startswith(magic)), None)


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


@dataclass(frozen=True, slots=True)
class DecodingCost:
    """Time that small files could take, memory of large ones, and whether one is whole.

    Attributes:
        excess: what it has too much of ("more than 100 scans"), or None. Pixels are the business of `decode`.
        held_bytes: what a decoder holds besides the picture that it gives back, however much that is reduced.
        cut: whether a JPEG ends before its end is marked: at most the last rows are missing, or nearly all.
    """

    excess: str | None = None
    held_bytes: int = 0
    cut: bool = False


def decoding_cost(kind: PhotoFormat, data: bytes) -> DecodingCost:
    """Find it out before it starts."""
    if kind is PhotoFormat.JPEG:
        return _jpeg_cost(data)
    if kind is PhotoFormat.PNG:
        return DecodingCost(_png_excess(data))
    return DecodingCost(_gif_excess(data) if kind is PhotoFormat.GIF else None)


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


def _jpeg_cost(data: bytes) -> DecodingCost:
    """Walk over the segments, which Pillow reads one by one in Python, up to the first scan, or over many scans.

    A decoder walks over the whole picture once a scan whatever the scan contains, so that a small file of thousands of
    empty scans keeps it busy for minutes (libjpeg-turbo, "Two issues with the JPEG standard", LJT-01-003).
    """
    # Nearly always false: then the first scan ends the walk. Thumbnails and film clips may contain these bytes too.
    many_scans = data.count(bytes([0xFF, _START_OF_SCAN])) > JPEG_SCANS_LIMIT
    at, segments, scans, scan_at = 2, 0, 0, 0
    frame, about = 0, b""
    while marker := _JPEG_MARKER.search(data, at):
        code, start = marker.group(1)[0], marker.end()
        at = start + int.from_bytes(data[start : start + 2])
        segments += 1
        if code == _START_OF_SCAN:
            scans, scan_at = scans + 1, scan_at or start
        elif code in _FRAMES and not scans:
            frame, about = code, data[start + 2 : start + 26]
        if scans and (code == _END_OF_IMAGE or not many_scans):
            break
        if scans > JPEG_SCANS_LIMIT:
            return DecodingCost(f"more than {JPEG_SCANS_LIMIT} scans")
        if segments > JPEG_SEGMENTS_LIMIT:
            return DecodingCost(f"more than {JPEG_SEGMENTS_LIMIT:,} segments")
    if not scans:
        return DecodingCost()
    cut = data.rfind(bytes([0xFF, _END_OF_IMAGE]), scan_at) < 0
    return DecodingCost(None, _held_bytes(frame, about, int.from_bytes(data[scan_at + 2 : scan_at + 3])), cut)


def _held_bytes(frame: int, about: bytes, in_first_scan: int) -> int:
    """A baseline JPEG is decoded row by row: none are held.

    Of a progressive one, or one whose scans have a component each, every coefficient is held: two bytes each (T.81,
    annex G; libjpeg's jdcoefct.c).
    """
    if len(about) < 6:
        return 0
    height, width = int.from_bytes(about[1:3]), int.from_bytes(about[3:5])
    factors = about[7 : 6 + 3 * about[5] : 3]
    if frame in _SEQUENTIAL and in_first_scan == len(factors):
        return 0
    most = max((factor >> 4 for factor in factors), default=1) * max((factor & 15 for factor in factors), default=1)
    return 2 * width * height * sum((factor >> 4) * (factor & 15) for factor in factors) // max(1, most)


def _png_excess(data: bytes) -> str | None:
    """Count chunks, which Pillow reads one by one in Python (PNG, 5.3: length, type, data, checksum)."""
    at, chunks = 8, 0
    while at < len(data):
        at += 12 + int.from_bytes(data[at : at + 4])
        chunks += 1
        if chunks > PNG_CHUNKS_LIMIT:
            return f"more than {PNG_CHUNKS_LIMIT:,} chunks"
    return None


def _gif_excess(data: bytes) -> str | None:
    """Count blocks and stray bytes before the picture, which Pillow reads one by one in Python (GIF89a, 15–26)."""
    flags = data[10] if len(data) > 10 else 0
    at = 13 + (3 << (flags & 7) + 1 if flags & 0x80 else 0)
    blocks = 0
    while at < len(data) and data[at] not in b",;":
        extension = data[at] == ord("!")
        at += 2 if extension else 1
        while extension and at < len(data) and blocks <= GIF_BLOCKS_LIMIT:
            extension = data[at] > 0
            at += 1 + data[at]
            blocks += 1
        blocks += 1
        if blocks > GIF_BLOCKS_LIMIT:
            return f"more than {GIF_BLOCKS_LIMIT:,} blocks before its picture"
    return None
