"""Every claim that counts as one table: `breedbot feedback export --format csv`."""

import csv
from collections.abc import AsyncIterator, Callable
from pathlib import Path

from db.learning.claims import ClaimRecord
from training.learning.feedback.listing import claim_json

FILE = "feedback.csv"
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


async def write_sheet(
    claims: AsyncIterator[ClaimRecord], folder: Path, photo_of: Callable[[str], str], *, with_users: bool
) -> int:
    """Write ``feedback.csv``, a row a claim with the keys of `feedback list --json`; how many there are."""
    count = 0
    with (folder / FILE).open("w", newline="", encoding="utf-8") as file:
        async for claim in claims:
            row = claim_json(claim, photo_of(claim.photo_sha256), with_users=with_users)
            lines = csv.DictWriter(file, row, lineterminator="\n")
            if not count:
                lines.writeheader()
            lines.writerow({key: harmless(value) for key, value in row.items()})
            count += 1
    return count


def harmless(value: object) -> object:
    """What strangers typed, so that no spreadsheet runs it (https://owasp.org/www-community/attacks/CSV_Injection)."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
