"""The looks at one photo: the first, and the second, step by step, between everybody's first ones."""

import logging
from dataclasses import replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from inference.look.second_look import SIDE_PX, Scan, Squares, next_step
from inference.photo.decode import decode_image
from inference.worker.batch import Answer, Candidate, PredictError, Predictor, StalePhoto
from inference.worker.batcher import Batcher
from inference.worker.metrics import WorkerMetrics
from inference.worker.photo_loader import LoadedPhoto, PhotoLoader

log = logging.getLogger(__name__)

_SWAPS_LIMIT = 3  # swaps that one photo may meet between its decoding and its batch before we call it a failure
_SWAPPED = "another model answers since its first look"


class Looker:
    """Looks at photos, any number at the same time."""

    def __init__(
        self, loader: PhotoLoader, batcher: Batcher, metrics: WorkerMetrics, shadow: Candidate | None = None
    ) -> None:
        self._loader = loader
        self._batcher = batcher
        self._metrics = metrics
        self._shadow = shadow

    async def look(self, sha256: str) -> tuple[LoadedPhoto, Answer]:
        """What is seen in a photo. One that breaks the second look keeps its first.

        Raises:
            LoadError: it cannot be had, or not be read.
            PredictError: the classifier cannot answer for it.
        """
        for _ in range(_SWAPS_LIMIT):
            with self._batcher.announced():
                wanted = (await self._batcher.classifier()).preprocessing
                decode = partial(LoadedPhoto.of_bytes, preprocessing=wanted, limits=self._loader.limits)
                photo = await self._loader.load(sha256, decode)
            self._metrics.decode_s.observe(photo.decode_s)
            try:
                [first] = await self._batcher.predict([photo])
            except StalePhoto:
                log.info("photo %s is decoded again for another classifier", sha256)
                continue
            try:
                return photo, await self._again(sha256, photo, first)
            except Exception:
                log.exception("the first look at photo %s has to suffice", sha256)
                self._metrics.errors.labels("second look").inc()
                return photo, first
        raise PredictError(f"the classifier's preprocessing changed {_SWAPS_LIMIT} times while it waited")

    async def _again(self, sha256: str, photo: LoadedPhoto, first: Answer) -> Answer:
        """The answer after a second look, or the first one, if that suffices."""
        second = (await self._batcher.classifier()).second
        [said] = first.predictions
        if second is None or second.head.model != said.model or not second.wanted(said, *photo.size_px):
            return first
        decode = partial(decode_image, min_side_px=SIDE_PX, limits=self._loader.limits)
        steps = second.steps(await self._loader.load(sha256, decode), said)
        seen: NDArray[np.floating] | None = None
        while True:
            shown = await self._loader.aside(partial(next_step, steps, seen))
            if isinstance(shown, Scan):
                seen = await self._batcher.call(partial(_cells, shown=shown, model=said.model))
            elif isinstance(shown, Squares):
                parts = [replace(photo, pixels=pixels) for pixels in shown.pixels]
                answers = [one.predictions[0] for one in await self._batcher.predict(parts, later=True)]
                if any(one.model != said.model for one in answers):
                    raise PredictError(_SWAPPED)
                seen = np.stack([one.features for one in answers])
            else:
                break
        self._metrics.second_looks.labels(str(len(shown))).inc()
        scores = [] if self._shadow is None else await self._loader.aside(partial(self._shadow.scores, shown))
        return replace(first, predictions=shown, shadows=tuple(score for score in scores if score is not None))


def _cells(classifier: Predictor, shown: Scan, model: str) -> NDArray[np.float32]:
    if classifier.second is None or classifier.second.head.model != model:
        raise PredictError(_SWAPPED)
    return classifier.cells(shown.pixels)
