"""What decoding a file will cost, by its bytes, and whether a JPEG among them is whole."""

import re
from dataclasses import dataclass
from itertools import product
from typing import Final

import numpy as np

from inference.photo.formats import PhotoFormat

JPEG_SCANS_LIMIT: Final = 100  # encoders write about ten
JPEG_SEGMENTS_LIMIT: Final = 2_000  # 20 MB of extended XMP are 300
PNG_CHUNKS_LIMIT: Final = 20_000  # 20 MB in the 8 kB chunks of libpng are 2,500
GIF_BLOCKS_LIMIT: Final = 10_000  # 1 MB of XMP before the picture is 4,000
_JPEG_MARKER = re.compile(rb"\xff([^\x00\x01\xd0-\xd7\xff])")
_START_OF_SCAN, _END_OF_IMAGE = 0xDA, 0xD9
_END_OR_ANOTHER = re.compile(rb"\xff(?:\xd9|\xd8\xff(?!\xd9))")
_FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}  # T.81, table B.1
_SEQUENTIAL: Final = frozenset({0xC0, 0xC1})
_PROGRESSIVE: Final = frozenset({0xC2, 0xCA})
_COEFFICIENTS: Final = 64  # of a block


@dataclass(frozen=True, slots=True)
class DecodingCost:
    """Time that small files could take, memory of large ones, and whether one is whole.

    Attributes:
        excess: what it has too much of ("more than 100 scans"), or None. Pixels are the business of `decode`.
        held_bytes: what a decoder holds besides the picture that it gives back, however much that is reduced.
        pixels_at: where the pixels of a JPEG begin: before them are tables, and what its maker noted.
        cut_at: where a JPEG's data end, if that is before its end is marked: at most its last rows are missing, or
            nearly all.
        coarse: whether details are missing everywhere, of a progressive one.
    """

    excess: str | None = None
    held_bytes: int = 0
    pixels_at: int = 0
    cut_at: int | None = None
    coarse: bool = False


def decoding_cost(kind: PhotoFormat, data: bytes) -> DecodingCost:
    """Find it out before it starts."""
    if kind is PhotoFormat.JPEG:
        return _jpeg_cost(data)
    if kind is PhotoFormat.PNG:
        return DecodingCost(_png_excess(data))
    return DecodingCost(_gif_excess(data) if kind is PhotoFormat.GIF else None)


def _jpeg_cost(data: bytes) -> DecodingCost:
    """Walk over the segments, which Pillow reads one by one in Python, up to the first scan, or over many scans.

    A decoder walks over the whole picture once a scan whatever the scan contains, so that a small file of thousands of
    empty scans keeps it busy for minutes (libjpeg-turbo, "Two issues with the JPEG standard", LJT-01-003).
    """
    # Nearly always false: then the first scan ends the walk. Thumbnails and film clips may contain these bytes too.
    many_scans = _pairs(data, 0xFF, _START_OF_SCAN) > JPEG_SCANS_LIMIT
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
    cut_at = _cut_at(data, scan_at)
    coarse = (
        cut_at is not None and frame in _PROGRESSIVE and not _has_all_details(data[:cut_at], int.from_bytes(about[5:6]))
    )
    held_bytes = _held_bytes(frame, about, int.from_bytes(data[scan_at + 2 : scan_at + 3]))
    return DecodingCost(None, held_bytes, scan_at - 2, cut_at, coarse)


def _pairs(data: bytes, first: int, second: int) -> int:
    """How often the two bytes stand side by side; `bytes.count` takes eight times as long, and the GIL meanwhile."""
    pair = int.from_bytes((first, second), "little")
    halves = (np.frombuffer(data, "<u2", (len(data) - odd) // 2, odd) for odd in (0, 1))
    return sum(int(np.count_nonzero(half == pair)) for half in halves)


def _cut_at(data: bytes, scan_at: int) -> int | None:
    """None: its end is marked. Behind what was cut off there may be another photo, or the zeros of a disk."""
    end = _END_OR_ANOTHER.search(data, scan_at)
    if end is None:
        return len(data.rstrip(b"\x00"))
    return None if end[0][1] == _END_OF_IMAGE else end.start()


def _has_all_details(data: bytes, components: int) -> bool:
    """Whether the scans that bring every coefficient to its last bit have begun (T.81, G.1.1.1)."""
    exact: set[tuple[int, int]] = set()
    for marker in _JPEG_MARKER.finditer(data):
        at = marker.end() + 2
        about = data[at + 1 : at + 4 + 2 * data[at]] if at < len(data) else b""
        if marker.group(1)[0] == _START_OF_SCAN and 5 <= len(about) == 3 + 2 * data[at]:
            first, last, bits = about[-3:]
            if not bits & 15:
                exact.update(product(about[:-3:2], range(first, min(last + 1, _COEFFICIENTS))))
    return len(exact) >= components * _COEFFICIENTS


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
