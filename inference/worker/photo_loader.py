"""From the name of a stored photo to its pixels: fetched from the store, decoded in a thread."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from types import TracebackType
from typing import Self, TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from core.out_of_files import out_of_files
from core.prediction import Remark
from core.retry import Retry
from inference.look.remarks import remarks_on
from inference.photo.decode import PhotoError, PhotoTooLarge, TooManyPixels, decode_image
from inference.photo.preprocess import Preprocessing
from inference.queue.protocol import Failure
from inference.worker.cpu_sharing import CpuSharing
from inference.worker.metrics import WorkerMetrics
from inference.worker.settings import WorkerSettings

log = logging.getLogger(__name__)

OUT_OF_FILES_S = 1.0

T = TypeVar("T")

Fetch = Callable[[str], Awaitable[bytes]]


class LoadError(Exception):
    """This photo cannot be looked at; `failure` says why."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure)
        self.failure = failure


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


class PhotoLoader:
    """Holds the bytes of a bounded number of photos, and its threads until it is left as a context manager."""

    def __init__(self, fetch: Fetch, settings: WorkerSettings, metrics: WorkerMetrics, turns: CpuSharing) -> None:
        """`fetch` takes a SHA-256, and raises LookupError when the photo is gone."""
        self._turns = turns
        self._fetch = fetch
        self._limits = settings.limits
        self._metrics = metrics
        self._attempts = Retry(settings.tries, settings.fetch_timeout_s, settings.retry_wait_s)
        self._room = asyncio.Semaphore(settings.fetches or 4 * settings.decode_threads)
        self._threads = ThreadPoolExecutor(settings.decode_threads, thread_name_prefix="decode")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def load(self, sha256: str, preprocessing: Preprocessing) -> LoadedPhoto:
        """Fetch and decode one photo.

        Raises:
            LoadError: with the reason that the user is told.
        """
        async with self._room:
            data = await self._bytes(sha256)
            photo = await self._decoded(sha256, lambda: self._decode(data, preprocessing))
        self._metrics.decode_s.observe(photo.decode_s)
        return photo

    async def picture(self, sha256: str, min_side_px: int) -> Image.Image:
        """Fetch one photo again, and decode it larger: RGB, as `decode_image`. Raises LoadError."""
        async with self._room:
            data = await self._bytes(sha256)
            return await self._decoded(sha256, lambda: decode_image(data, min_side_px=min_side_px, limits=self._limits))

    async def aside(self, work: Callable[[], T]) -> T:
        """What takes some milliseconds, in a thread that decodes."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._in_turn, work)

    async def _bytes(self, sha256: str) -> bytes:
        try:
            return await self._fetched(sha256)
        except LookupError as error:
            log.warning("photo %s is not in the store: %s", sha256, error)
            raise LoadError(Failure.MISSING) from error
        except Exception as error:
            log.exception("photo %s could not be fetched", sha256)
            self._metrics.errors.labels("fetch").inc()
            raise LoadError(Failure.INTERNAL) from error

    async def _fetched(self, sha256: str) -> bytes:
        """However long the process may open no more files: that is no fault of the photo."""
        while True:
            try:
                return await self._attempts(lambda: self._fetch(sha256), final=(LookupError,))
            except Exception as error:
                if not out_of_files(error):
                    raise
                log.warning("photo %s waits: too many files are open", sha256)
                await asyncio.sleep(OUT_OF_FILES_S)

    async def _decoded(self, sha256: str, decode: Callable[[], T]) -> T:
        try:
            return await self.aside(decode)
        except PhotoError as error:
            log.info("photo %s: %s", sha256, error)
            raise LoadError(_failure_of(error)) from error
        except Exception as error:
            log.exception("photo %s broke the decoder", sha256)
            self._metrics.errors.labels("decode").inc()
            raise LoadError(Failure.INTERNAL) from error

    def _in_turn(self, work: Callable[[], T]) -> T:
        self._turns.wait_to_decode()
        return work()

    def _decode(self, data: bytes, preprocessing: Preprocessing) -> LoadedPhoto:
        start = time.perf_counter()
        photo = decode_image(data, min_side_px=preprocessing.min_side_px, limits=self._limits)
        pixels = preprocessing.fit(photo)
        return LoadedPhoto(pixels, preprocessing, time.perf_counter() - start, photo.size, remarks_on(pixels))


def _failure_of(error: PhotoError) -> Failure:
    return Failure.TOO_LARGE if isinstance(error, PhotoTooLarge | TooManyPixels) else Failure.UNREADABLE
