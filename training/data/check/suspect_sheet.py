"""The findings of a data check to look at: suspected labels beside what the labels stand for, and near-duplicates."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TypeVar

from core.atomic_file import write_whole
from inference.photo.decode import decode
from inference.photo.file_batches import read_photo
from training.data.check.check import DataCheck, Doubts, LabelDoubt
from training.data.check.listing import check_json
from training.data.check.photo_scan import ScannedPhoto
from training.data.read.labelled_photo import LabelledPhoto
from training.evaluation.report.breed_names import display_name
from training.pictures.contact_sheet import Tile, contact_sheet, save_sheet

T = TypeVar("T")

TILE_PX = 180
ROWS = 14
SHEETS = 8  # of each kind; what is beyond them is in the JSON


def write_check(found: DataCheck, folder: Path) -> list[Path]:
    """Write ``check.json``, ``suspects-N.png`` and ``near-duplicates-N.png`` into a folder, replacing older ones.

    Returns:
        The files written.

    Raises:
        OSError: the folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for old in (*folder.glob("suspects-*.png"), *folder.glob("near-duplicates-*.png")):
        old.unlink()
    listing = folder / "check.json"
    write_whole(listing, (json.dumps(check_json(found), indent=1) + "\n").encode())
    written = [listing]
    if found.doubts is not None:
        rows = [row for pair in _chunks(found.doubts.suspects, 2) for row in [_compared(pair, found.doubts)]]
        title = f"{len(found.doubts.suspects)} suspected labels: photo, a typical one of its label, of what it may be"
        written += _sheets(rows, title, folder, "suspects")
    alike = sorted(found.near_duplicates, key=lambda together: together not in found.contradictions)
    title = f"{len(alike)} groups of near-duplicates, those with different labels first"
    written += _sheets(_rows_of_groups(alike), title, folder, "near-duplicates")
    return written


def _compared(doubts: Sequence[LabelDoubt], context: Doubts) -> list[Tile]:
    """Three tiles a suspect: the photo, a typical one of its label, a typical one of the breed it may be."""
    tiles = []
    for doubt in doubts:
        label, suspected = doubt.photo.breed, doubt.suspected
        tiles += [
            _tile(doubt.photo, _name(doubt.photo)),
            _tile(context.typical[label], f"{doubt.given_probability:.2f} {display_name(label)}"),
            _tile(context.typical[suspected], f"{doubt.suspected_probability:.2f} {display_name(suspected)}"),
        ]
    return tiles


def _rows_of_groups(groups: Sequence[Sequence[ScannedPhoto]]) -> list[list[Tile]]:
    """Pairs three a row, larger groups on rows of their own."""
    rows: list[list[Tile]] = []
    waiting: list[Tile] = []
    for together in groups:
        tiles = [_tile(one.photo, _name(one.photo)) for one in together if one.error is None][:6]
        if len(waiting) + len(tiles) > 6:
            rows.append(waiting)
            waiting = []
        waiting = waiting + tiles
    return [*rows, waiting] if waiting else rows


def _sheets(rows: Sequence[list[Tile]], title: str, folder: Path, name: str) -> list[Path]:
    written = []
    for number, chunk in enumerate(_chunks(rows, ROWS), 1):
        if number > SHEETS:
            break
        path = folder / f"{name}-{number}.png"
        save_sheet(contact_sheet(chunk, title, TILE_PX), path)
        written.append(path)
    return written


def _name(photo: LabelledPhoto) -> str:
    """The file first: a long breed is cut off."""
    return f"{photo.path.name}, {display_name(photo.breed)}"


def _tile(photo: LabelledPhoto, label: str) -> Tile:
    return Tile(decode(read_photo(photo.path), min_side_px=TILE_PX), label)


def _chunks(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]
