"""What decoding will cost, found out before it starts: time that small files could take, memory of large ones."""

import re
from collections.abc import Iterator
from typing import Final

from inference.photo.formats import PhotoFormat

JPEG_SCANS_LIMIT: Final = 100  # encoders write about ten
JPEG_SEGMENTS_LIMIT: Final = 2_000  # 20 MB of extended XMP are 300
PNG_CHUNKS_LIMIT: Final = 20_000  # 20 MB in the 8 kB chunks of libpng are 2,500
GIF_BLOCKS_LIMIT: Final = 10_000  # 1 MB of XMP before the picture is 4,000
_JPEG_MARKER = re.compile(rb"\xff([^\x00\x01\xd0-\xd7\xff])")
_START_OF_SCAN, _END_OF_IMAGE = 0xDA, 0xD9
_FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}  # T.81, table B.1
_SEQUENTIAL: Final = frozenset({0xC0, 0xC1})


def excess(kind: PhotoFormat, data: bytes) -> str | None:
    """Say what the file has too much of ("more than 100 scans"), or None. Pixels are the business of `decode`."""
    if kind is PhotoFormat.JPEG:
        return _jpeg_excess(data)
    if kind is PhotoFormat.PNG:
        return _png_excess(data)
    return _gif_excess(data) if kind is PhotoFormat.GIF else None


def jpeg_held_bytes(data: bytes) -> int:
    """Memory that a decoder holds besides the picture that it gives back, however much that is reduced.

    A baseline JPEG is decoded row by row: none. Of a progressive one, or one whose scans have a component each, every
    coefficient is held: two bytes each (T.81, annex G; libjpeg's jdcoefct.c).
    """
    frame, size = 0, 0
    components: list[int] = []
    for code, at in _jpeg_markers(data):
        body = data[at + 2 : at + 2 + 24]
        if code in _FRAMES and len(body) >= 6:
            frame, (height, width) = code, (int.from_bytes(body[1:3]), int.from_bytes(body[3:5]))
            factors = body[7 : 6 + 3 * body[5] : 3]
            components = [(factor >> 4) * (factor & 15) for factor in factors]
            most = max((factor >> 4 for factor in factors), default=1) * max((f & 15 for f in factors), default=1)
            size = 2 * width * height * sum(components) // max(1, most)
        if code == _START_OF_SCAN:
            together = bool(body) and body[0] == len(components)
            return 0 if frame in _SEQUENTIAL and together else size
    return 0


def jpeg_is_cut(data: bytes) -> bool:
    """Whether it ends before its end is marked: at most the last rows are missing, or nearly all."""
    scan = next((at for code, at in _jpeg_markers(data) if code == _START_OF_SCAN), None)
    return scan is not None and data.rfind(bytes([0xFF, _END_OF_IMAGE]), scan) < 0


def _jpeg_markers(data: bytes) -> Iterator[tuple[int, int]]:
    """Code of each marker, and where what belongs to it begins."""
    at = 2
    while marker := _JPEG_MARKER.search(data, at):
        yield marker.group(1)[0], marker.end()
        at = marker.end() + int.from_bytes(data[marker.end() : marker.end() + 2])


def _jpeg_excess(data: bytes) -> str | None:
    """Count segments, which Pillow reads one by one in Python, and scans.

    A decoder walks over the whole picture once a scan whatever the scan contains, so that a small file of thousands of
    empty scans keeps it busy for minutes (libjpeg-turbo, "Two issues with the JPEG standard", LJT-01-003).
    """
    # Nearly always false: then the first scan ends the walk. Thumbnails and film clips may contain these bytes too.
    many_scans = data.count(bytes([0xFF, _START_OF_SCAN])) > JPEG_SCANS_LIMIT
    scans = 0
    for segments, (code, _) in enumerate(_jpeg_markers(data), 1):
        scans += code == _START_OF_SCAN
        if code == _END_OF_IMAGE or (scans and not many_scans):
            return None
        if scans > JPEG_SCANS_LIMIT:
            return f"more than {JPEG_SCANS_LIMIT} scans"
        if segments > JPEG_SEGMENTS_LIMIT:
            return f"more than {JPEG_SEGMENTS_LIMIT:,} segments"
    return None


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
