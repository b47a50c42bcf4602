"""Photos that are ready, gathered into batches for the one thread that computes."""

import asyncio
import logging
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import chain, islice
from typing import Any, Generic, TypeVar

from core.prediction import Prediction
from inference.model.shadow_score import ShadowScore
from inference.worker.batch import Answer, Candidate, Outcome, PredictError, Predictor, run_batch
from inference.worker.cpu_sharing import CpuSharing
from inference.worker.metrics import WorkerMetrics
from inference.worker.photo_loader import LoadedPhoto
from inference.worker.settings import WorkerSettings

T = TypeVar("T")

log = logging.getLogger(__name__)

# One batch is computed while a full one stands behind it, so that the thread goes on without asking the event loop.
DEPTH_BATCHES = 2


@dataclass(slots=True, eq=False)
class _Seat:
    """A photo that waits for its batch."""

    photo: LoadedPhoto
    since_s: float
    outcome: asyncio.Future[Outcome] = field(default_factory=lambda: asyncio.get_running_loop().create_future())


@dataclass(slots=True, eq=False)
class _Call(Generic[T]):
    """Something else that waits for the thread."""

    work: Callable[[Predictor], T]
    result: asyncio.Future[T] = field(default_factory=lambda: asyncio.get_running_loop().create_future())


class Batcher:
    """Dynamic batching: a full batch leaves at once, a smaller one as soon as waiting could not help it.

    While the classifier computes, a batch fills for free. When it is idle, a batch waits only for photos that are being
    decoded at this moment, and for `linger_s` at most. Second looks wait until no first one does.
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
        self._later: dict[_Seat, None] = {}  # second looks, which fill what first looks leave of a batch
        self._calls: dict[_Call[Any], None] = {}
        self._computing: set[asyncio.Future[Any]] = set()
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
        return (await self._answers([photo], self._ready))[0]

    async def predict_later(self, photos: Sequence[LoadedPhoto]) -> list[Answer]:
        """The same for parts of a photo that is looked at again: behind all photos that nobody has looked at yet."""
        return await self._answers(photos, self._later)

    async def shadows(self, predictions: Sequence[Prediction]) -> tuple[ShadowScore, ...]:
        """What a candidate says of predictions that are no batch's; empty where none is tried."""
        if self._shadow is None:
            return ()
        shadow = self._shadow
        scores = await self.call(lambda _: shadow.scores(predictions))
        return tuple(score for score in scores if score is not None)

    async def call(self, work: Callable[[Predictor], T]) -> T:
        """Have something else computed by the classifier, in its thread, when no photo is waiting for it.

        Raises:
            Exception: whatever `work` raises, or loading the classifier.
        """
        call = _Call(work)
        self._calls[call] = None
        self._changed.set()
        try:
            return await call.result
        finally:
            self._calls.pop(call, None)

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

    async def _answers(self, photos: Sequence[LoadedPhoto], line: dict[_Seat, None]) -> list[Answer]:
        seats = [_Seat(photo, asyncio.get_running_loop().time()) for photo in photos]
        line |= dict.fromkeys(seats)
        self._changed.set()
        try:
            outcomes = [await seat.outcome for seat in seats]
        finally:
            for seat in seats:
                line.pop(seat, None)
        if error := next((one for one in outcomes if isinstance(one, Exception)), None):
            raise error
        return [one for one in outcomes if isinstance(one, Answer)]

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
        waiting = self._ready or self._later or self._calls
        if not waiting or len(self._computing) >= DEPTH_BATCHES:
            return None
        if len(self._ready) >= self.limit_photos:
            return 0
        if self._computing:
            return None
        if not self._coming or not self._ready:
            return 0
        waited_s = asyncio.get_running_loop().time() - next(iter(self._ready)).since_s
        return max(0.0, self._settings.linger_s - waited_s)

    def _send(self) -> None:
        loop = asyncio.get_running_loop()
        computing: asyncio.Future[Any]
        if seats := list(islice(chain(self._ready, self._later), self.limit_photos)):
            for seat in seats:
                self._ready.pop(seat, None)
                self._later.pop(seat, None)
            computing = loop.run_in_executor(self._thread, self._compute, [seat.photo for seat in seats])
            computing.add_done_callback(partial(self._hand_out, seats))
        else:
            call = next(iter(self._calls))
            del self._calls[call]
            computing = loop.run_in_executor(self._thread, self._call, call.work)
            computing.add_done_callback(partial(self._hand_over, call))
        self._computing.add(computing)

    def _compute(self, photos: list[LoadedPhoto]) -> list[Outcome]:
        with self._turns.computing():
            return run_batch(self._ask(), photos, self._metrics, self._shadow)

    def _call(self, work: Callable[[Predictor], T]) -> T:
        with self._turns.computing():
            return work(self._ask())

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

    def _hand_over(self, call: "_Call[Any]", computing: asyncio.Future[Any]) -> None:
        self._computing.discard(computing)
        self._changed.set()
        if call.result.done():
            return
        if computing.cancelled():
            call.result.set_exception(PredictError("the worker is closing"))
        elif error := computing.exception():
            call.result.set_exception(error)
        else:
            call.result.set_result(computing.result())


def _outcomes(computing: asyncio.Future[list[Outcome]], photos: int) -> list[Outcome]:
    if computing.cancelled():
        return [PredictError("the worker is closing") for _ in range(photos)]
    if error := computing.exception():
        log.error("no classifier for a batch of %d", photos, exc_info=error)
        return [PredictError(str(error)) for _ in range(photos)]
    return computing.result()
