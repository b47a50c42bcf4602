"""What has to be well once before a process calls itself ready, besides what it asks all the time."""

import asyncio
import logging

from core.retry import Backoff
from db.errors import PhotoStoreError, PhotoStoreFull
from db.photos.photo_store import PhotoStore
from inference.model.artefact import ArtefactError
from inference.store.folder_store import ModelStore

OF_BOT = ("database", "model", "queue", "store", "telegram")
OF_WORKER = ("model", "queue", "store")

_PAUSES = Backoff(base_s=1.0, cap_s=30.0)
_NO_PHOTO, _NO_MODEL = "0" * 64, "none"  # asked for to see whether anybody answers

log = logging.getLogger(__name__)


class Stores:
    """Whether photos and models can be reached. `writes`: whether photos can be stored, too."""

    def __init__(self, photos: PhotoStore, models: ModelStore, *, writes: bool) -> None:
        self._photos = photos
        self._models = models
        self._writes = writes
        self._problem: str | None = "not asked yet"

    async def run(self) -> None:
        """Look until it was so once; what goes wrong later is said where it does."""
        tries = 0
        while self._problem is not None:
            try:
                await self._look()
            except (PhotoStoreError, ArtefactError) as error:
                tries += 1
                self._problem = str(error)
                log.warning("%s", error)
                await asyncio.sleep(_PAUSES.delay_s(tries))
            else:
                self._problem = None

    async def health(self) -> str | None:
        """As `bot.health` asks."""
        return self._problem

    async def _look(self) -> None:
        await asyncio.to_thread(self._models.has, "heads", _NO_MODEL)
        if not self._writes:
            await self._photos.has(_NO_PHOTO)
            return
        try:
            await self._photos.examine()
        except PhotoStoreFull as error:
            log.warning("%s", error)  # photos are refused in words, and moderators are told


async def well() -> None:
    """A check of what is made before it is handed in."""
