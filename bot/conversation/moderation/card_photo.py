"""The photo of a review card, fit for Telegram whatever was sent."""

import asyncio
import logging
from collections.abc import Sequence

from PIL import Image, ImageDraw, ImageFont

from db.errors import PhotoMissing
from db.photos.photo_store import PhotoStore
from inference.photo.decode import PhotoError
from inference.photo.frames import Frame
from inference.photo.viewing_copy import jpeg, viewing_copy

log = logging.getLogger(__name__)


async def card_photo(photo_store: PhotoStore, sha256: str, box: Sequence[float] | None = None) -> bytes:
    """A JPEG without place and time; a question mark where the photo is gone or cannot be read.

    ``box``: where the dog is that is meant, in a frame. Raises: PhotoStoreError - it cannot be read now.
    """
    try:
        frames = [Frame(box)] if box is not None else []
        return await asyncio.to_thread(viewing_copy, await photo_store.get(sha256), frames)
    except (PhotoMissing, PhotoError) as error:
        log.warning("photo %s cannot be shown to a moderator: %s", sha256, error)
        return question_mark()


def question_mark() -> bytes:
    """What is shown instead of a photo."""
    image = Image.new("RGB", (640, 480), (221, 221, 221))
    ImageDraw.Draw(image).text((320, 240), "?", (119, 119, 119), ImageFont.load_default(240), anchor="mm")
    return jpeg(image)
