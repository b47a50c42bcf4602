"""Photos that are ready, gathered into batches for the one thread that computes."""

import asyncio
import logging
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import islice

from inference.worker.batch import Answer, Candidate, Outcome, PredictError, Predictor, run_batch
from inference.worker.cpu_sharing import CpuSharing
from inference.worker.metrics import WorkerMetrics
from inference.worker.photo_loader import LoadedPhoto
from inference.worker.settings import WorkerSettings

log = logging.getLogger(__name__)

# One batch is computed while a full one stands behind it, so that the thread goes on without asking the event loop.
DEPTH_BATCHES = 2


@dataclass(slots=True, eq=False)
class _Seat:
    """A photo that waits for its batch."""

    photo: LoadedPhoto
    since_s: float
    outcome: asyncio.Future[Outcome] = field(default_factory=lambda: asyncio.get_running_loop().create_future())


class Batcher:
    """Dynamic batching: a full batch leaves at once, a smaller one as soon as waiting could not help it.

    While the classifier computes, a batch fills for free. When it is idle, a batch waits only for photos that are being
    decoded at this moment, and for `linger_s` at most.
    """

    def __init__(
        self,
        classifier: Callable[[], Predictor],
        settings: WorkerSettings,
        metrics: WorkerMetrics,
        turns: CpuSharing,
        shadow: Candidate | None = None,
    ) -> None:
        """`classifier` is asked in the inference thread only, before each batch: a swap may take a while."""
        self._champion = classifier
        self._shadow = shadow
        self._current: Predictor | None = None
        self._settings = settings
        self._turns = turns
        self._metrics = metrics
        self._ready: dict[_Seat, None] = {}  # ordered, and a cancelled one leaves in no time
        self._computing: set[asyncio.Future[list[Outcome]]] = set()
        self._coming = 0
        self._changed = asyncio.Event()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="inference")

    @property
    def limit_photos(self) -> int:
        """The largest batch now; a swap may change it."""
        largest = self._current.batch_sizes[-1] if self._current is not None else 1
        return self._settings.batch_photos or largest

    async def classifier(self) -> Predictor:
        """The one that computed last; the first call loads it. Raises whatever loading raises."""
        if self._current is None:
            return await asyncio.get_running_loop().run_in_executor(self._thread, self._ask)
        return self._current

    @contextmanager
    def announced(self) -> Iterator[None]:
        """While a photo is being fetched and decoded: it is worth a short wait."""
        self._coming += 1
        try:
            yield
        finally:
            self._coming -= 1
            self._changed.set()

    async def predict(self, photo: LoadedPhoto) -> Answer:
        """Wait for a batch and for its answer.

        Raises:
            PredictError: the classifier failed on this photo.
            StalePhoto: decode it again for the classifier of now.
        """
        seat = _Seat(photo, asyncio.get_running_loop().time())
        self._ready[seat] = None
        self._changed.set()
        try:
            outcome = await seat.outcome
        finally:
            self._ready.pop(seat, None)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    async def run(self) -> None:
        """Send batch after batch until cancelled; then wait, for a while, for the thread to leave the classifier."""
        try:
            while True:
                await self._until_one_may_leave()
                self._send()
        finally:
            if self._computing:
                await asyncio.wait(self._computing, timeout=self._settings.close_s)
            self._thread.shutdown(wait=False, cancel_futures=True)

    async def _until_one_may_leave(self) -> None:
        while (patience_s := self._patience_s()) != 0:
            self._changed.clear()
            try:
                async with asyncio.timeout(patience_s):
                    await self._changed.wait()
            except TimeoutError:
                pass  # asked again: the last photo may just have been cancelled

    def _patience_s(self) -> float | None:
        """How long the photos that are ready should wait for more: 0 = not at all, None = until something changes."""
        if not self._ready or len(self._computing) >= DEPTH_BATCHES:
            return None
        if len(self._ready) >= self.limit_photos:
            return 0
        if self._computing:
            return None
        if not self._coming:
            return 0
        waited_s = asyncio.get_running_loop().time() - next(iter(self._ready)).since_s
        return max(0.0, self._settings.linger_s - waited_s)

    def _send(self) -> None:
        seats = list(islice(self._ready, self.limit_photos))
        for seat in seats:
            del self._ready[seat]
        photos = [seat.photo for seat in seats]
        computing = asyncio.get_running_loop().run_in_executor(self._thread, self._compute, photos)
        self._computing.add(computing)
        computing.add_done_callback(partial(self._hand_out, seats))

    def _compute(self, photos: list[LoadedPhoto]) -> list[Outcome]:
        with self._turns.computing():
            return run_batch(self._ask(), photos, self._metrics, self._shadow)

    def _ask(self) -> Predictor:
        try:
            self._current = self._champion()
        except Exception:
            if self._current is None:
                raise
            log.exception("no new classifier: the current one goes on")
            self._metrics.errors.labels("swap").inc()
        return self._current

    def _hand_out(self, seats: list[_Seat], computing: asyncio.Future[list[Outcome]]) -> None:
        self._computing.discard(computing)
        self._changed.set()
        for seat, outcome in zip(seats, _outcomes(computing, len(seats)), strict=True):
            if not seat.outcome.done():  # whoever waited may have been cancelled
                seat.outcome.set_result(outcome)


def _outcomes(computing: asyncio.Future[list[Outcome]], photos: int) -> list[Outcome]:
    if computing.cancelled():
        return [PredictError("the worker is closing") for _ in range(photos)]
    if error := computing.exception():
        log.error("no classifier for a batch of %d", photos, exc_info=error)
        return [PredictError(str(error)) for _ in range(photos)]
    return computing.result()
