"""``photos.csv``: which photos of a folder show (nearly) the same picture; read by every reader, written by the check.

Columns ``file`` (path below the folder) and ``group``; others are somebody's own and stay. Without a group a photo
stands alone.
"""

import csv
import io
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from core.atomic_file import write_whole
from training.data.read.labelled_photo import DatasetError

TABLE: Final = "photos.csv"
_COLUMNS: Final = ("file", "group")


def read_groups(table: Path) -> dict[str, str]:
    """Group by file, of the files that have one.

    Raises:
        DatasetError: it does not name files, or is no table in UTF-8.
    """
    rows = _rows(table) if table.exists() else []
    return {row["file"]: row["group"] for row in rows if row.get("group")}


def write_groups(table: Path, groups: Mapping[str, str]) -> None:
    """Set the groups of these files, in the order given; rows of other files and other columns stay as they are.

    Raises:
        DatasetError: what is there is no such table.
        OSError: the table cannot be written.
    """
    rows = _rows(table) if table.exists() else []
    columns = list(dict.fromkeys([*(rows[0] if rows else ()), *_COLUMNS]))
    by_file = {row["file"]: row for row in rows}
    for file, group in groups.items():
        by_file.setdefault(file, dict.fromkeys(columns, "") | {"file": file})["group"] = group
    content = io.StringIO(newline="")
    lines = csv.DictWriter(content, columns, lineterminator="\n")
    lines.writeheader()
    lines.writerows(by_file.values())
    write_whole(table, content.getvalue().encode())


def _rows(table: Path) -> list[dict[str, str]]:
    try:
        with table.open(newline="", encoding="utf-8-sig") as lines:  # spreadsheets begin a file with a mark
            rows = [{key: value or "" for key, value in row.items() if key} for row in csv.DictReader(lines)]
    except (OSError, ValueError, csv.Error) as error:
        raise DatasetError(f"{table}: not a table in UTF-8, {error}") from error
    if rows and "file" not in rows[0]:
        raise DatasetError(f"{table}: no column 'file'; name it so, or move the table away")
    return rows
