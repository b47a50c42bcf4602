"""What a file's first bytes say before any decoder runs: its true format and the size of its canvas."""

from enum import StrEnum

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
RAW_BOXES = b"ftypcrx "  # Canon's raw photos are in boxes like films
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
    if data[4:12] == RAW_BOXES:
        return "raw photo of a camera"
    if data[4:8] == b"ftyp":
        return "video (MP4 or QuickTime)"
    if data.startswith(b"RIFF"):
        return "AVI video or WAV sound"
    return next((name for magic, name in _REFUSED if data.startswith(magic)), None)


def _boxed_format(data: bytes) -> PhotoFormat | None:
    """HEIC and AVIF share one container; the brands in its `ftyp` box tell them apart (ISO/IEC 23008-12, 10)."""
    if data[4:8] != b"ftyp":
        return None
    end = min(int.from_bytes(data[:4]), SNIFF_BYTES)
    brands = {data[8:12], *(data[at : at + 4] for at in range(16, end, 4))}
    if brands & _AVIF_BRANDS:
        return PhotoFormat.AVIF
    return PhotoFormat.HEIF if brands & _HEIF_BRANDS else None


def moves(data: bytes) -> bool:
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
