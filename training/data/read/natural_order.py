"""Order in which people number files: 999 before 1000."""

import re
from pathlib import Path


def natural(path: Path) -> list[tuple[int, str]]:
    """Sort key by name, whose runs of digits count as numbers."""
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"(\d+)", path.name)]
