"""HEIC and AVIF files whose notes about their maker are overwritten in place (ISO/IEC 14496-12 and 23008-12).

Nothing moves, as tables in the file point at bytes; which way up the picture is stands in a property, `irot`.
"""

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Final, NamedTuple

# An EXIF item: where its TIFF block begins, then one that has no tags (23008-12, A.2.1).
_NO_EXIF: Final = bytes(4) + b"MM\x00*\x00\x00\x00\x08" + bytes(6)
_NOTES: Final = frozenset((b"Exif", b"mime", b"uri "))  # XMP is of the type mime
_PICTURE: Final = frozenset((b"ftyp", b"meta", b"mdat"))
_IN_META: Final = frozenset((b"hdlr", b"pitm", b"iinf", b"iloc", b"iprp", b"iref", b"idat", b"grpl", b"dinf", b"ipro"))
_FILM: Final = frozenset((b"moov", b"moof"))
_GOING_LIMIT: Final = 100  # notes, or boxes that do not belong to the picture; cameras write two or three
_FIRST_BYTE: Final = 16  # of anything but the name of the format
_COUNT_LIMIT: Final = 10_000  # items or boxes; a panorama of hundreds of tiles has some thousand


_Extent = tuple[int, int]  # first byte, and the one behind the last


class _Box(NamedTuple):
    """A box: its name, where that stands, where its body begins, and where it ends."""

    name: bytes
    at: int
    body: int
    end: int


class _Fields:
    """Big-endian numbers, one after the other."""

    def __init__(self, data: bytes, at: int, end: int) -> None:
        self._data, self._at, self._end = data, at, end

    def take(self, size: int) -> int:
        """The next number of `size` bytes."""
        self._at += size
        if self._at > self._end:
            raise ValueError("a box ends inside a field")
        return int.from_bytes(self._data[self._at - size : self._at])

    @property
    def at(self) -> int:
        """Where the next one begins."""
        return self._at


def bare_heif(data: bytes) -> bytes:
    """Overwrite EXIF, XMP and every box that does not belong to the picture.

    Raises:
        ValueError: not built like a still picture.
    """
    file, boxes = bytearray(data), list(_boxes(data, 0, len(data)))
    if any(box.name in _FILM for box in boxes):
        raise ValueError("a film")
    metas = [box for box in boxes if box.name == b"meta"]
    if len(metas) > 1:
        raise ValueError("several tables of contents")
    pictures: list[_Extent] = []
    for meta in metas:
        inside = list(_boxes(data, meta.body + 4, meta.end))
        notes, pictures = _extents(data, {box.name: box for box in inside})
        for start, end in notes:
            blank = _NO_EXIF if end - start >= len(_NO_EXIF) else b""
            file[start:end] = blank + bytes(end - start - len(blank))
        boxes += [box for box in inside if box.name not in _IN_META]
    strange = [box for box in boxes if box.name not in _PICTURE]
    _keep_apart([(box.body, box.end) for box in strange], pictures)
    for box in strange:
        file[box.at : box.at + 4] = b"free"
        file[box.body : box.end] = bytes(box.end - box.body)
    return bytes(file)


def _boxes(data: bytes, at: int, end: int) -> Iterator[_Box]:
    for _ in range(_COUNT_LIMIT):
        if at == end:
            return
        size, body = int.from_bytes(data[at : at + 4]), at + 8
        if size == 1:
            size, body = int.from_bytes(data[at + 8 : at + 16]), at + 16
        after = at + size if size else end
        if not body <= after <= end:
            raise ValueError(f"the box at byte {at} ends nowhere")
        yield _Box(data[at + 4 : at + 8], at + 4, body, after)
        at = after
    raise ValueError("too many boxes")


def _extents(data: bytes, parts: Mapping[bytes, _Box]) -> tuple[list[_Extent], list[_Extent]]:
    """What is EXIF or XMP, and what is the picture."""
    if b"iinf" not in parts:
        return [], []
    listed = list(_listed(data, parts[b"iinf"]))
    named = {item for item, kind in listed if kind in _NOTES}
    if named & {item for item, kind in listed if kind not in _NOTES}:
        raise ValueError("an item of two kinds")
    if b"iloc" not in parts:
        raise ValueError("items without places")
    places = list(islice(_places(data, parts[b"iloc"], parts.get(b"idat")), _COUNT_LIMIT + 1))
    _limited(len(places))
    notes = [(start, start + length) for item, start, length in places if item in named]
    if any(not _FIRST_BYTE <= start < end <= len(data) for start, end in notes):
        raise ValueError("an item beyond the file")
    pictures = [(at, at + length if length else len(data)) for item, at, length in places if item not in named]
    tables = [(box.at - 4, box.end) for box in parts.values() if box.name != b"idat"]
    _keep_apart(notes, pictures + tables)
    return notes, pictures


def _keep_apart(going: list[_Extent], staying: list[_Extent]) -> None:
    """A damaged file may call something a note that says where things are, or that is part of the picture."""
    if len(going) > _GOING_LIMIT:
        raise ValueError("too many notes")
    for start, end in going:
        if any(start < its_end and its_start < end for its_start, its_end in staying):
            raise ValueError("a note over something else")


def _listed(data: bytes, iinf: _Box) -> Iterator[tuple[int, bytes]]:
    """Items and their kinds."""
    fields = _Fields(data, iinf.body, iinf.end)
    fields.take(2 if fields.take(4) >> 24 == 0 else 4)
    for box in _boxes(data, fields.at, iinf.end):
        entry = _Fields(data, box.body, box.end)
        version = entry.take(4) >> 24
        if version < 2:
            raise ValueError("items without types")
        item = entry.take(2 if version == 2 else 4)
        entry.take(2)
        yield item, entry.take(4).to_bytes(4)


def _places(data: bytes, iloc: _Box, idat: _Box | None) -> Iterator[tuple[int, int, int]]:
    """Item, start and length of each extent."""
    fields = _Fields(data, iloc.body, iloc.end)
    version, sizes = fields.take(4) >> 24, fields.take(2)
    offset_size, length_size, base_size, index_size = (sizes >> shift & 15 for shift in (12, 8, 4, 0))
    for _ in range(_limited(fields.take(2 if version < 2 else 4))):
        item = fields.take(2 if version < 2 else 4)
        method = fields.take(2) & 15 if version else 0
        fields.take(2)
        base = fields.take(base_size)
        extents = _limited(fields.take(2))
        if extents > 1 and not (offset_size and length_size):
            raise ValueError("parts without a place")  # each costs time, and not one byte
        for _ in range(extents):
            fields.take(index_size if version else 0)
            start, length = base + fields.take(offset_size), fields.take(length_size)
            if method > 1 or (method == 1 and idat is None):
                raise ValueError("an item inside another one")
            yield item, start + (idat.body if method == 1 and idat is not None else 0), length


def _limited(count: int) -> int:
    if count > _COUNT_LIMIT:
        raise ValueError("too many items")
    return count
