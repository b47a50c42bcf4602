"""Heat maps on request, of stored photos, by the model that answers now."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from PIL import Image

from core.prediction import WHOLE_PHOTO, Box
from inference.look.second_look import SIDE_PX, cut_out
from inference.model.classifier import Classifier
from inference.model.heatmap import LIMIT_PX, paint
from inference.photo.decode import PhotoError, decode, decode_image
from inference.photo.viewing_copy import jpeg

log = logging.getLogger(__name__)


class HeatmapPainter:
    """``await painter(sha256, breed)``: one at a time, off the event loop, beside the batches of the worker."""

    def __init__(self, classifier: Callable[[], Classifier], fetch: Callable[[str], Awaitable[bytes]]) -> None:
        """Take the classifier of each moment; `fetch` raises LookupError when a photo is gone."""
        self._classifier = classifier
        self._fetch = fetch
        self._turn = asyncio.Semaphore(1)

    async def __call__(
        self, sha256: str, breed: str, box: Box = WHOLE_PHOTO, against: str | None = None
    ) -> bytes | None:
        """A JPEG, or None: the photo is gone or unreadable, or the model knows no such breed.

        `box`: of one dog. `against`: another breed; then what speaks for that is painted, too.
        """
        try:
            async with self._turn:
                return await asyncio.to_thread(self._paint, await self._fetch(sha256), breed, box, against)
        except (PhotoError, LookupError) as error:
            log.warning("no heat map of photo %s: %s", sha256, error)
            return None

    def _paint(self, data: bytes, breed: str, box: Box, against: str | None) -> bytes | None:
        classifier = self._classifier()
        known = {breed, against} - {None} <= set(classifier.head.labels)
        return jpeg(heatmap(classifier, data, breed, box, against)) if known else None


def heatmap(
    classifier: Classifier, data: bytes, breed: str, box: Box = WHOLE_PHOTO, against: str | None = None
) -> Image.Image:
    """A photo with the evidence for one of the model's labels painted over it, or over one dog of it.

    `against`: another label, whose evidence is taken off.

    Raises:
        PhotoError: the bytes are no photo.
    """
    if box == WHOLE_PHOTO:
        pixels = classifier.preprocessing.decode(data)
    else:
        pixels = cut_out(decode_image(data, min_side_px=SIDE_PX), box, classifier.preprocessing.input_px)
    features = classifier.raw_features(pixels[None], maps=True)
    if features.maps is None:
        raise RuntimeError(f"{classifier.engine} gave no map")
    head, [positions] = classifier.head, features.maps
    photo = decode(data, min_side_px=LIMIT_PX)
    if against is None:
        return paint(photo, head.activation_map(positions, breed), classifier.preprocessing, box)
    evidence = head.contrast_map(positions, breed, against)
    return paint(photo, evidence, classifier.preprocessing, box, contrast=True)
