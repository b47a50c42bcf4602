"""What is put in order while the bot runs: writes that were cut off, old updates, and photos that may stay no longer.

Some photos at a time, so that nobody waits for the database.
"""

import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta

from core.clock import utc_now
from db.database import Database
from db.photos.photo_store import PhotoStore
from db.unit import Unit

INBOX_KEPT = timedelta(days=30)  # Telegram repeats an update for a day; the rest is for looking back
PAGE = 20  # a tenth of a second, in which nobody else writes on SQLite

log = logging.getLogger(__name__)

_Step = Callable[[Unit], Awaitable[Sequence[str] | None]]


async def tidy(database: Database, photos: PhotoStore) -> None:
    """Delete what writes that were cut off have left, and updates that were dealt with long ago."""
    await photos.clean()
    async with database.unit() as unit:
        await unit.inbox.prune(utc_now() - INBOX_KEPT)


async def erase_what_is_due(database: Database, photo_store: PhotoStore, retention_days: int) -> int:
    """Photos and features without consent whose hour is over, and all that is older than the retention time.

    Returns: how many files were deleted. Raises: DatabaseError, PhotoStoreError - the rest is deleted next time.
    """
    deleted = await _all(database, photo_store, lambda unit: unit.retention.erase_due(PAGE))
    if retention_days:
        limit = utc_now() - timedelta(days=retention_days)
        deleted += await _all(database, photo_store, lambda unit: unit.retention.delete_before(limit, PAGE))
    if deleted:
        log.info("photos erased", extra={"files": deleted})
    return deleted


async def _all(database: Database, photo_store: PhotoStore, step: _Step) -> int:
    deleted = 0
    while True:
        async with database.unit() as unit:
            unneeded = await step(unit)
            # Before the commit: if that fails, the rows still say that the files are to go.
            for sha256 in unneeded or ():
                deleted += await photo_store.delete(sha256)
        if unneeded is None:
            return deleted
