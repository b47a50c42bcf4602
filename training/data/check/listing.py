"""A data check for programs and for people: ``breedbot data check``, with and without ``--json``."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from rich.table import Table

from training.data.check.check import FEW, TINY_PX, DataCheck, LabelDoubt
from training.data.check.photo_scan import ScannedPhoto

SHOWN = 8  # rows of each kind, for people; --json and --report have them all


def check_json(found: DataCheck) -> dict[str, Any]:
    """Everything found; paths as they were read, near-duplicates and duplicates as lists of them."""
    doubts = found.doubts
    return {
        "folder": str(found.folder),
        "photos": len(found.scanned),
        "fit_to_train": found.fit_to_train,
        "breeds": found.breeds,
        "few": found.few,
        "missing": found.missing,
        "strangers": [{"path": str(path), "meant": meant} for path, meant in found.strangers.items()],
        "sizes": _sizes(found),
        "unreadable": [{"path": _path(one), "error": one.error} for one in found.unreadable],
        "tiny": [{"path": _path(one), "width": one.width, "height": one.height} for one in found.tiny],
        "misnamed": [{"path": _path(one), "format": str(one.format)} for one in found.misnamed],
        "duplicates": [_paths(same) for same in found.duplicates],
        "near_duplicates": [_paths(alike) for alike in found.near_duplicates],
        "contradictions": [_paths(alike) for alike in found.contradictions],
        "passed_over": dict(found.passed_over),
        "suspects": None if doubts is None else [doubt_json(doubt) for doubt in doubts.suspects],
        "label_noise": None if doubts is None else round(doubts.noise, 4),
        "labels_judged": None if doubts is None else doubts.judged,
        "backbone": None if doubts is None else doubts.backbone,
    }


def doubt_json(doubt: LabelDoubt) -> dict[str, Any]:
    """One suspected label."""
    return {
        "path": str(doubt.photo.path),
        "label": doubt.photo.breed,
        "suspected": doubt.suspected,
        "label_probability": round(doubt.given_probability, 4),
        "suspected_probability": round(doubt.suspected_probability, 4),
    }


def check_table(found: DataCheck) -> Table:
    """One line a finding, the worst first, and a few examples of each."""
    table = Table("", "n", "", box=None, title=f"{found.folder}", title_justify="left", show_header=False)
    counts = sorted(found.breeds.values())
    table.add_row("photos", f"{len(found.scanned):,}", f"{len(counts)} breeds, {counts[0]} to {counts[-1]} photos each")
    sizes = _sizes(found)
    if sizes is not None:
        table.add_row("short side", f"{sizes['median']}", f"pixels in the middle, {sizes['min']} to {sizes['max']}")
    named = [f"{path}" + (f": rename it to {meant}" if meant else "") for path, meant in found.strangers.items()]
    _add(table, "no breed's name", named, "folders; training refuses them, and their photos are not looked at here")
    _add(table, "unreadable", [f"{_path(one)}: {one.error}" for one in found.unreadable], "training refuses them")
    _add(table, "contradictions", [_line(alike) for alike in found.contradictions], "alike, but labelled differently")
    _add_doubts(table, found)
    _add(table, "too few photos", [f"{breed}: {count}" for breed, count in found.few.items()], f"fewer than {FEW}")
    _add(table, "missing", found.missing, "without a photo here, though the model knows them: the next one would not")
    sized = [f"{_path(one)}: {one.width} × {one.height}" for one in found.tiny]
    _add(table, "tiny photos", sized, f"short side below {TINY_PX} pixels")
    _add(table, "equal photos", [_line(same) for same in found.duplicates], "the same bytes more than once")
    shown = [_line(alike) for alike in found.near_duplicates]
    joined = sum(map(len, found.near_duplicates))
    _add(table, "near-duplicates", shown, f"groups, {joined} photos; --write-groups keeps each on one side of a split")
    named = [f"{_path(one)}: {one.format}" for one in found.misnamed]
    _add(table, "wrong suffix", named, "read all the same here; other programs may not")
    others = [f"{suffix}: {count}" for suffix, count in found.passed_over.items()]
    _add(table, "passed over", others, "in the breeds' folders, but no photos", sum(found.passed_over.values()))
    return table


def _add(table: Table, name: str, lines: Sequence[str], meaning: str, count: int | None = None) -> None:
    if lines:
        hidden = len(lines) - SHOWN
        more = [f"… and {hidden:,} more"] if hidden > 0 else []
        table.add_row(name, f"{len(lines) if count is None else count:,}", meaning)
        for line in [*lines[:SHOWN], *more]:
            table.add_row("", "", f"  {line}")


def _add_doubts(table: Table, found: DataCheck) -> None:
    if found.doubts is None:
        return
    lines = [
        f"{doubt.photo.path}: {doubt.suspected} {doubt.suspected_probability:.2f}, as labelled "
        f"{doubt.given_probability:.2f}"
        for doubt in found.doubts.suspects
    ]
    meaning = f"of {found.doubts.judged:,} labels; about {found.doubts.noise:.1%} are wrong by confident learning"
    _add(table, "suspected labels", lines, meaning)


def _sizes(found: DataCheck) -> dict[str, int] | None:
    sides = [one.short_side for one in found.scanned if one.error is None]
    if not sides:
        return None
    low, middle, high = np.quantile(sides, [0, 0.5, 1]).round().astype(int).tolist()
    return {"min": low, "median": middle, "max": high}


def _path(one: ScannedPhoto) -> str:
    return str(one.photo.path)


def _paths(together: Sequence[ScannedPhoto]) -> list[str]:
    return [_path(one) for one in together]


def _line(together: Sequence[ScannedPhoto]) -> str:
    return " = ".join(_paths(together))
