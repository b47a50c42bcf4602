"""From the name of a stored photo to what is seen in it: fetched, decoded in a thread, looked at once or twice."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from core.out_of_files import out_of_files
from core.retry import Retry
from inference.look.second_look import SIDE_PX, Scan, Squares
from inference.photo.decode import PhotoError, PhotoTooLarge, TooManyPixels, decode_image
from inference.queue.protocol import Failure
from inference.worker.batch import Answer, Candidate, LoadedPhoto, PredictError, Predictor, StalePhoto
from inference.worker.batcher import Batcher
from inference.worker.metrics import WorkerMetrics
from inference.worker.settings import WorkerSettings

log = logging.getLogger(__name__)

OUT_OF_FILES_S = 1.0
_SWAPS_LIMIT = 3  # swaps that one photo may meet between its decoding and its batch before we call it a failure
_SWAPPED = "another model answers since its first look"

T = TypeVar("T")

Fetch = Callable[[str], Awaitable[bytes]]


class LoadError(Exception):
    """This photo cannot be looked at; `failure` says why."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure)
        self.failure = failure


class Looker:
    """Looks at photos, any number at the same time, and holds the bytes of a bounded number. Has threads: close it."""

    def __init__(
        self,
        fetch: Fetch,
        batcher: Batcher,
        settings: WorkerSettings,
        metrics: WorkerMetrics,
        shadow: Candidate | None = None,
    ) -> None:
        """`fetch` takes a SHA-256, and raises LookupError when the photo is gone."""
        self._fetch = fetch
        self._batcher = batcher
        self._limits = settings.limits
        self._metrics = metrics
        self._shadow = shadow
        self._attempts = Retry(settings.tries, settings.fetch_timeout_s, settings.retry_wait_s)
        self._room = asyncio.Semaphore(settings.fetches or 4 * settings.decode_threads)
        self._threads = ThreadPoolExecutor(settings.decode_threads, thread_name_prefix="decode")

    def close(self) -> None:
        """Begin nothing more."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def look(self, sha256: str) -> tuple[LoadedPhoto, Answer]:
        """What is seen in a photo. One that breaks the second look keeps its first.

        Raises:
            LoadError: it cannot be had, or not be read.
            PredictError: the classifier cannot answer for it.
        """
        for _ in range(_SWAPS_LIMIT):
            with self._batcher.announced():
                wanted = (await self._batcher.classifier()).preprocessing
                decode = partial(LoadedPhoto.of_bytes, preprocessing=wanted, limits=self._limits)
                photo = await self._load(sha256, decode)
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
        decode = partial(decode_image, min_side_px=SIDE_PX, limits=self._limits)
        steps = second.steps(await self._load(sha256, decode), said)
        seen: NDArray[np.floating] | None = None
        while True:
            shown = await self._aside(partial(steps.send, seen))
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
        scores = [] if self._shadow is None else await self._aside(partial(self._shadow.scores, shown))
        return replace(first, predictions=shown, shadows=tuple(score for score in scores if score is not None))

    async def _load(self, sha256: str, decode: Callable[[bytes], T]) -> T:
        """Fetch one photo, and make something of its bytes in a thread.

        Raises:
            LoadError: with the reason that the user is told.
        """
        async with self._room:
            data = await self._bytes(sha256)
            try:
                return await self._aside(partial(decode, data))
            except PhotoError as error:
                log.info("photo %s: %s", sha256, error)
                too_large = isinstance(error, PhotoTooLarge | TooManyPixels)
                raise LoadError(Failure.TOO_LARGE if too_large else Failure.UNREADABLE) from error
            except Exception as error:
                log.exception("photo %s broke the decoder", sha256)
                self._metrics.errors.labels("decode").inc()
                raise LoadError(Failure.INTERNAL) from error

    async def _aside(self, work: Callable[[], T]) -> T:
        """What takes some milliseconds, in a thread that decodes."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._batcher.turns.decode, work)

    async def _bytes(self, sha256: str) -> bytes:
        while True:
            try:
                return await self._attempts(partial(self._fetch, sha256), final=(LookupError,))
            except LookupError as error:
                log.warning("photo %s is not in the store: %s", sha256, error)
                raise LoadError(Failure.MISSING) from error
            except Exception as error:
                if not out_of_files(error):
                    log.exception("photo %s could not be fetched", sha256)
                    self._metrics.errors.labels("fetch").inc()
                    raise LoadError(Failure.INTERNAL) from error
            # However long the process may open no more files: that is no fault of the photo.
            log.warning("photo %s waits: too many files are open", sha256)
            await asyncio.sleep(OUT_OF_FILES_S)


def _cells(classifier: Predictor, shown: Scan, model: str) -> NDArray[np.float32]:
    if classifier.second is None or classifier.second.head.model != model:
        raise PredictError(_SWAPPED)
    return classifier.cells(shown.pixels)
