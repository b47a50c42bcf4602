"""From the name of a stored photo to its pixels: fetched from the store, decoded in a thread."""

import asyncio
import logging
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from types import TracebackType
from typing import Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from core.out_of_files import out_of_files
from core.prediction import Remark
from core.retry import Retry
from inference.look.remarks import remarks_on
from inference.photo.decode import DecodeLimits, PhotoError, PhotoTooLarge, TooManyPixels, decode_image
from inference.photo.preprocess import Preprocessing
from inference.queue.protocol import Failure
from inference.worker.metrics import WorkerMetrics
from inference.worker.settings import WorkerSettings

log = logging.getLogger(__name__)

OUT_OF_FILES_S = 1.0
PATIENCE_S = 2.0  # then a decoder goes ahead: an engine that hangs must not hold it for ever

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

    @classmethod
    def of_bytes(cls, data: bytes, preprocessing: Preprocessing, limits: DecodeLimits) -> Self:
        """Decode a file's content. Raises PhotoError."""
        start = time.perf_counter()
        photo = decode_image(data, min_side_px=preprocessing.min_side_px, limits=limits)
        pixels = preprocessing.fit(photo)
        return cls(pixels, preprocessing, time.perf_counter() - start, photo.size, remarks_on(pixels))


class CpuSharing:
    """Decoders and a CPU engine take turns at the cores. For an engine with cores of its own (a GPU) nobody waits.

    The engine's threads meet after every layer: a core that one of them has to share with a decoder keeps all the
    others waiting, which costs several times what the decoder uses.
    """

    def __init__(self, *, shared_cores: bool) -> None:
        self._shared_cores = shared_cores
        self._changed = threading.Condition()
        self._computing = False

    @contextmanager
    def computing(self) -> Iterator[None]:
        """While the engine has the cores; in the one inference thread."""
        with self._changed:
            self._computing = True
        try:
            yield
        finally:
            with self._changed:
                self._computing = False
                self._changed.notify_all()

    def decode(self, work: Callable[[], T]) -> T:
        """What `work` makes, once the engine rests. Blocks."""
        if self._shared_cores:
            with self._changed:
                self._changed.wait_for(lambda: not self._computing, PATIENCE_S)
        return work()


class PhotoLoader:
    """Holds the bytes of a bounded number of photos, and its threads until it is left as a context manager."""

    def __init__(self, fetch: Fetch, settings: WorkerSettings, metrics: WorkerMetrics, turns: CpuSharing) -> None:
        """`fetch` takes a SHA-256, and raises LookupError when the photo is gone."""
        self.limits = settings.limits
        self._turns = turns
        self._fetch = fetch
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

    async def load(self, sha256: str, decode: Callable[[bytes], T]) -> T:
        """Fetch one photo, and make something of its bytes in a thread.

        Raises:
            LoadError: with the reason that the user is told.
        """
        async with self._room:
            data = await self._bytes(sha256)
            try:
                return await self.aside(partial(decode, data))
            except PhotoError as error:
                log.info("photo %s: %s", sha256, error)
                too_large = isinstance(error, PhotoTooLarge | TooManyPixels)
                raise LoadError(Failure.TOO_LARGE if too_large else Failure.UNREADABLE) from error
            except Exception as error:
                log.exception("photo %s broke the decoder", sha256)
                self._metrics.errors.labels("decode").inc()
                raise LoadError(Failure.INTERNAL) from error

    async def aside(self, work: Callable[[], T]) -> T:
        """What takes some milliseconds, in a thread that decodes."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._turns.decode, work)

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
