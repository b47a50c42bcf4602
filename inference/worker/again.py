"""The second look at a photo, step by step, between everybody's first ones. A photo that breaks it keeps its first."""

import logging
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from core.prediction import Prediction
from inference.look.second_look import SIDE_PX, Found, Scan, SecondLook, Squares, next_step
from inference.worker.batch import Answer, PredictError, Predictor
from inference.worker.batcher import Batcher
from inference.worker.metrics import WorkerMetrics
from inference.worker.photo_loader import LoadedPhoto, PhotoLoader

log = logging.getLogger(__name__)


class Again:
    """Looks at one photo again; any number at the same time."""

    def __init__(self, loader: PhotoLoader, batcher: Batcher, metrics: WorkerMetrics) -> None:
        self._loader = loader
        self._batcher = batcher
        self._metrics = metrics

    async def look(self, sha256: str, photo: LoadedPhoto, first: Answer) -> Answer:
        """The answer after a second look, or the first one, if that suffices or the second fails."""
        try:
            second = (await self._batcher.classifier()).second
            [seen] = first.predictions
            if second is None or second.head.model != seen.model or not second.wanted(seen, *photo.size_px):
                return first
            found = await self._steps(second, sha256, photo, seen)
        except Exception:
            log.exception("the first look at photo %s has to suffice", sha256)
            self._metrics.errors.labels("second look").inc()
            return first
        self._metrics.second_looks.labels(str(len(found))).inc()
        return replace(first, predictions=found, shadows=await self._batcher.shadows(found))

    async def _steps(self, second: SecondLook, sha256: str, photo: LoadedPhoto, first: Prediction) -> Found:
        picture = await self._loader.picture(sha256, SIDE_PX)
        steps = second.steps(picture, first)
        seen: NDArray[np.floating] | None = None
        while True:
            shown = await self._loader.aside(lambda seen=seen: next_step(steps, seen))  # type: ignore[misc]
            if not isinstance(shown, Scan | Squares):
                return shown
            if isinstance(shown, Scan):
                seen = await self._batcher.call(lambda classifier, shown=shown: _cells(classifier, shown, first.model))  # type: ignore[misc]
            else:
                parts = [replace(photo, pixels=pixels) for pixels in shown.pixels]
                answers = await self._batcher.predict_later(parts)
                seen = np.stack([one.predictions[0].features for one in answers])
                if any(one.predictions[0].model != first.model for one in answers):
                    raise PredictError("another model answers since its first look")


def _cells(classifier: Predictor, shown: Scan, model: str) -> NDArray[np.float32]:
    if classifier.second is None or classifier.second.head.model != model:
        raise PredictError("another model answers since its first look")
    return classifier.cells(shown.pixels)
