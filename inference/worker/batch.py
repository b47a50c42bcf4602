"""One batch through the classifier, in the inference thread: a photo that breaks it fails alone."""

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, Self

import numpy as np
from numpy.typing import NDArray

from core.prediction import Prediction, Remark
from inference.look.remarks import remarks_on
from inference.look.second_look import SecondLook
from inference.model.shadow_score import ShadowScore
from inference.photo.cut_jpeg import CUT
from inference.photo.decode import DecodeLimits, decode_image
from inference.photo.preprocess import Preprocessing
from inference.worker.metrics import WorkerMetrics

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, eq=False)
class LoadedPhoto:
    """One input of the network.

    Attributes:
        pixels: uint8 [input_px, input_px, 3], RGB, 0–255.
        preprocessing: what made them; a classifier that wants another one cannot take them.
        decode_s: seconds of decoding and resizing.
        size_px: width and height of the photo that they were made of, as it was decoded.
        remarks: what is wrong with it.
    """

    pixels: NDArray[np.uint8]
    preprocessing: Preprocessing
    decode_s: float
    size_px: tuple[int, int]
    remarks: tuple[Remark, ...] = ()

    @classmethod
    def of_bytes(cls, data: bytes, preprocessing: Preprocessing, limits: DecodeLimits) -> Self:
        """Decode a file's content. Raises PhotoError."""
        start = time.perf_counter()
        photo = decode_image(data, min_side_px=preprocessing.min_side_px, limits=limits)
        pixels = preprocessing.fit(photo)
        remarks = remarks_on(pixels) + ((Remark.CUT,) if CUT in photo.info else ())
        return cls(pixels, preprocessing, time.perf_counter() - start, photo.size, remarks)


class Predictor(Protocol):
    """What the worker needs of a classifier."""

    @property
    def preprocessing(self) -> Preprocessing:
        """What makes its input."""

    @property
    def batch_sizes(self) -> tuple[int, ...]:
        """Ascending; the last is the most that `predict` takes."""

    @property
    def second(self) -> SecondLook | None:
        """What looks at a photo again; None: its first look is all there is."""

    def predict(self, batch: NDArray[np.uint8]) -> list[Prediction]:
        """uint8 [N, H, W, 3] → N predictions, in order. Blocks."""

    def cells(self, photo: NDArray[np.uint8]) -> NDArray[np.float32]:
        """uint8 [H, W, 3] → features of its places, float32 [h, w, D]. Blocks."""


class Candidate(Protocol):
    """What the worker needs of a candidate: `inference.serving.shadow.Shadow`."""

    def scores(self, predictions: Sequence[Prediction]) -> list[ShadowScore | None]:
        """One score a prediction, in order; raises nothing and takes microseconds. Thread-safe."""


class PredictError(Exception):
    """The classifier could not answer for this photo, even by itself."""


class StalePhoto(Exception):
    """The classifier was swapped for one that wants other pixels while this photo was waiting."""


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """Predictions, one a dog, the seconds that the photo's batch took in the classifier, and what a candidate says."""

    predictions: tuple[Prediction, ...]
    infer_s: float
    shadows: tuple[ShadowScore, ...] = ()


Outcome = Answer | PredictError | StalePhoto


def run_batch(
    classifier: Predictor, photos: Sequence[LoadedPhoto], metrics: WorkerMetrics, shadow: Candidate | None = None
) -> list[Outcome]:
    """One outcome a photo, in order; raises nothing that a photo, the classifier or a candidate can cause."""
    outcomes: list[Outcome] = [StalePhoto() for _ in photos]
    wanted, largest = classifier.preprocessing, classifier.batch_sizes[-1]
    fresh = [place for place, photo in enumerate(photos) if photo.preprocessing == wanted]
    for start in range(0, len(fresh), largest):  # once, but where a swap brought a classifier with smaller batches
        places = fresh[start : start + largest]
        batch = [photos[place] for place in places]
        answers: Sequence[Outcome]
        try:
            answers = _predict(classifier, batch, metrics, shadow)
        except Exception:
            log.exception("a batch of %d failed; once more, photo by photo", len(batch))
            metrics.errors.labels("batch").inc()
            answers = [_alone(classifier, photo, metrics, shadow) for photo in batch]
        for place, answer in zip(places, answers, strict=True):
            outcomes[place] = answer
    return outcomes


def _alone(classifier: Predictor, photo: LoadedPhoto, metrics: WorkerMetrics, shadow: Candidate | None) -> Outcome:
    try:
        return _predict(classifier, [photo], metrics, shadow)[0]
    except Exception as error:
        log.exception("a photo failed by itself")
        metrics.errors.labels("photo").inc()
        return PredictError(str(error))


def _predict(
    classifier: Predictor, photos: Sequence[LoadedPhoto], metrics: WorkerMetrics, shadow: Candidate | None
) -> list[Answer]:
    start = time.perf_counter()
    predictions = classifier.predict(np.stack([photo.pixels for photo in photos]))
    infer_s = time.perf_counter() - start
    if len(predictions) != len(photos):
        raise PredictError(f"{len(photos)} photos went in, {len(predictions)} predictions came out")
    metrics.batch_photos.observe(len(photos))
    metrics.batch_fill.observe(len(photos) / classifier.batch_sizes[-1])
    metrics.infer_s.observe(infer_s)
    scores = [None] * len(photos) if shadow is None else shadow.scores(predictions)
    return [
        Answer((said,), infer_s, () if score is None else (score,))
        for said, score in zip(predictions, scores, strict=True)
    ]
