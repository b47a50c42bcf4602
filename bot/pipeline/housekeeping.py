"""What is put in order at every start, and daily from then on."""

from datetime import timedelta

from core.clock import utc_now
from db.database import Database
from db.photos.photo_store import PhotoStore

INBOX_KEPT = timedelta(days=30)  # Telegram repeats an update for a day; the rest is for looking back


async def tidy(database: Database, photos: PhotoStore) -> None:
    """Delete what writes that were cut off have left, and updates that were dealt with long ago."""
    await photos.clean()
    async with database.unit() as unit:
        await unit.inbox.prune(utc_now() - INBOX_KEPT)
