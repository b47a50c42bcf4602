"""What is put in order at every start, and daily from then on."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from db.clock import utc_now
from db.database import Database
from db.photo_store import PhotoStore

INBOX_KEPT = timedelta(days=30)  # Telegram repeats an update for a day; the rest is for looking back


async def tidy(database: Database, photos: PhotoStore) -> None:
    """Delete what writes that were cut off have left, and updates that were dealt with long ago."""
    await photos.clean()
    async with database.unit() as unit:
        await unit.inbox.prune(utc_now() - INBOX_KEPT)


async def record_champion(database: Database, model: str, backbone: str, manifest: Mapping[str, Any]) -> None:
    """Note which model answers from now on, if it is another one than before."""
    async with database.unit() as unit:
        champion = await unit.model_versions.champion()
        if champion is None or champion.model_id != model:
            await unit.model_versions.add(model, backbone_id=backbone, manifest=manifest)
            await unit.model_versions.promote(model)
