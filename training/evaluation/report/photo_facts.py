"""What files and their table tell about photos beside the label: size and source."""

import csv
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from training.data.read.dataset import LabelledPhoto

TABLE = "photos.csv"


def short_sides(photos: Sequence[LabelledPhoto]) -> NDArray[np.float64]:
    """Short side in pixels as the file's header says, float64 [N]; NaN where it does not say."""
    return np.array([_short_side(photo.path) for photo in photos], np.float64)


def sources(photos: Sequence[LabelledPhoto]) -> list[str]:
    """The column ``source`` of ``photos.csv`` beside the breeds' folders, links followed; "" where there is none."""
    table = cache(_source_column)
    result = []
    for photo in photos:
        path = photo.path.resolve()
        result.append(table(path.parent.parent).get(f"{path.parent.name}/{path.name}", ""))
    return result


def _short_side(path: Path) -> float:
    try:
        with Image.open(path) as image:
            return float(min(image.size))
    except (OSError, ValueError, Image.DecompressionBombError):  # HEIC, for one, whose header Pillow alone cannot read
        return float("nan")


def _source_column(folder: Path) -> dict[str, str]:
    try:
        with (folder / TABLE).open(newline="", encoding="utf-8") as lines:
            return {row.get("file") or "": row.get("source") or "" for row in csv.DictReader(lines)}
    except (OSError, ValueError, csv.Error):
        return {}
