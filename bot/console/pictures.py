"""What moderators look at: a claim's photo, and the evidence for a breed in it."""

import asyncio
import logging
from typing import Final

from bot.conversation.heatmap.port import Heatmap, box_of
from db.chat.chat_records import ClaimedDog
from db.database import Database
from db.errors import PhotoStoreError
from db.photos.photo_store import PhotoStore
from inference.photo.decode import PhotoError
from inference.photo.frames import Frame
from inference.photo.viewing_copy import viewing_copy

AT_ONCE: Final = 2  # pictures decoded for moderators at the same time; those for answers go on beside them

log = logging.getLogger(__name__)


class Pictures:
    """Pictures by claim, not by hash: with the claim of who is forgotten, or consents no more, its photo is gone."""

    def __init__(self, database: Database, photos: PhotoStore, heatmap: Heatmap | None) -> None:
        """Without `heatmap` there are none."""
        self._database = database
        self._photos = photos
        self._heatmap = heatmap
        self._turns = asyncio.Semaphore(AT_ONCE)

    async def photo(self, event_id: int) -> bytes | None:
        """A JPEG, small enough for a screen and without what cameras note; None: there is none, or none any more.

        Where a dog has a box, a frame is around it.
        """
        about = await self._about(event_id)
        if about is None:
            return None
        frames = [Frame(about.box)] if about.box is not None else []
        try:
            async with self._turns:
                return await asyncio.to_thread(viewing_copy, await self._photos.get(about.photo_sha256), frames)
        except (PhotoStoreError, PhotoError) as error:
            log.warning("claim %s cannot be shown: %s", event_id, error)
            return None

    async def evidence(self, event_id: int, breed: str) -> bytes | None:
        """The photo with the evidence for a breed, as a JPEG; None: there is none."""
        about = await self._about(event_id)
        if about is None or self._heatmap is None:
            return None
        return await self._heatmap(about.photo_sha256, breed, box_of(about.box))

    async def _about(self, event_id: int) -> ClaimedDog | None:
        async with self._database.unit(read_only=True) as unit:
            return await unit.feedback.kept_photo(event_id)
