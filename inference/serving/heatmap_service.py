"""Heat maps on request, of stored photos, by the model that answers now."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from inference.model.classifier import Classifier
from inference.model.heatmap import LIMIT_PX, paint
from inference.photo.decode import PhotoError, decode
from inference.photo.viewing_copy import jpeg

log = logging.getLogger(__name__)


class HeatmapPainter:
    """``await painter(sha256, breed)``: one at a time, off the event loop, beside the batches of the worker."""

    def __init__(self, classifier: Callable[[], Classifier], fetch: Callable[[str], Awaitable[bytes]]) -> None:
        """Take the classifier of each moment; `fetch` raises LookupError when a photo is gone."""
        self._classifier = classifier
        self._fetch = fetch
        self._turn = asyncio.Semaphore(1)

    async def __call__(self, sha256: str, breed: str) -> bytes | None:
        """A JPEG, or None: the photo is gone or unreadable, or the model knows no such breed."""
        try:
            async with self._turn:
                return await asyncio.to_thread(self._paint, await self._fetch(sha256), breed)
        except (PhotoError, LookupError) as error:
            log.warning("no heat map of photo %s: %s", sha256, error)
            return None

    def _paint(self, data: bytes, breed: str) -> bytes | None:
        return heatmap_jpeg(self._classifier(), data, breed)


def heatmap_jpeg(classifier: Classifier, data: bytes, breed: str) -> bytes | None:
    """A photo with the evidence for a breed painted over it, as a JPEG; None if the model knows no such breed.

    Raises:
        PhotoError: the bytes are no photo.
    """
    if breed not in classifier.head.labels:
        return None
    features = classifier.raw_features(classifier.preprocessing.decode(data)[None], maps=True)
    if features.maps is None:
        raise RuntimeError(f"{classifier.engine} gave no map")
    evidence = classifier.head.activation_map(features.maps[0], breed)
    return jpeg(paint(decode(data, min_side_px=LIMIT_PX), evidence, classifier.preprocessing))
