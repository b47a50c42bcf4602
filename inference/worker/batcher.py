"""Photos that are ready, gathered into batches for the one thread that computes."""

import asyncio
import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from itertools import chain, islice
from typing import Any, Generic, TypeVar

from threadpoolctl import threadpool_limits

from inference.worker.batch import Answer, Candidate, LoadedPhoto, Outcome, PredictError, Predictor, run_batch
from inference.worker.metrics import WorkerMetrics
from inference.worker.settings import WorkerSettings

T = TypeVar("T")

log = logging.getLogger(__name__)

# One batch is computed while a full one stands behind it, so that the thread goes on without asking the event loop.
DEPTH_BATCHES = 2
PATIENCE_S = 2.0  # then a decoder goes ahead: an engine that hangs must not hold it for ever


@dataclass(slots=True, eq=False)
class _Seat:
    """A photo that waits for its batch."""

    photo: LoadedPhoto
    since_s: float
    outcome: asyncio.Future[Outcome]


@dataclass(slots=True, eq=False)
class _Call(Generic[T]):
    """Something else that waits for the thread."""

    work: Callable[[Predictor], T]
    outcome: asyncio.Future[T | PredictError]


class CpuSharing:
    """Decoders and a CPU engine take turns at the cores. For an engine with cores of its own (a GPU) nobody waits.

    The engine's threads meet after every layer: a core that one of them has to share with a decoder keeps all the
    others waiting, which costs several times what the decoder uses.
    """

    def __init__(self, *, shared_cores: bool) -> None:
        self._shared_cores = shared_cores
        self._rests = threading.Event()
        self._rests.set()

    @contextmanager
    def computing(self) -> Iterator[None]:
        """While the engine has the cores; in the one inference thread."""
        self._rests.clear()
        try:
            yield
        finally:
            self._rests.set()

    def decode(self, work: Callable[[], T]) -> T:
        """What `work` makes, once the engine rests. Blocks."""
        if self._shared_cores:
            self._rests.wait(PATIENCE_S)
        return work()


class Batcher:
    """Dynamic batching: a full batch leaves at once, a smaller one as soon as waiting could not help it.

    While the classifier computes, a batch fills for free. When it is idle, a batch waits only for photos that are being
    fetched or decoded at this moment, `linger_s` for each. A batch on shared cores holds up those photos, so the time
    that it takes is no time that they were waited for. Second looks wait until no first one does.
    """

    def __init__(
        self,
        classifier: Callable[[], Predictor],
        settings: WorkerSettings,
        metrics: WorkerMetrics,
        shadow: Candidate | None = None,
    ) -> None:
        """`classifier` is asked in the inference thread only, before each batch: a swap may take a while."""
        self._champion = classifier
        self._shadow = shadow
        self._current: Predictor | None = None
        self._settings = settings
        self.turns = CpuSharing(shared_cores=settings.shared_cores)
        self._metrics = metrics
        self.limit_photos = settings.batch_photos or 1
        """The largest batch now; a swap may change it."""
        self._ready: dict[_Seat, None] = {}  # ordered, and a cancelled one leaves in no time
        self._later: dict[_Seat, None] = {}  # second looks, which fill what first looks leave of a batch
        self._calls: dict[_Call[Any], None] = {}
        self._computing: set[asyncio.Future[list[Any]]] = set()
        self._coming = 0
        self._idle_since_s = 0.0
        self._changed = asyncio.Event()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="inference")

    async def classifier(self) -> Predictor:
        """The one that computed last; the first call loads it. Raises PredictError: that failed."""
        if self._current is None:
            return await self.call(lambda first: first)
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

    async def predict(self, photos: Sequence[LoadedPhoto], *, later: bool = False) -> list[Answer]:
        """Wait for a batch, or several, and for the answers.

        `later`: parts of photos that are looked at again, behind all that nobody has looked at yet.

        Raises:
            PredictError: the classifier failed on one of them.
            StalePhoto: decode them again for the classifier of now.
        """
        loop, line = asyncio.get_running_loop(), self._later if later else self._ready
        seats = [_Seat(photo, loop.time(), loop.create_future()) for photo in photos]
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

    async def call(self, work: Callable[[Predictor], T]) -> T:
        """Have something else computed by the classifier, in its thread, when no photo is waiting for it.

        Raises:
            PredictError: `work` failed, or loading the classifier.
        """
        call: _Call[T] = _Call(work, asyncio.get_running_loop().create_future())
        self._calls[call] = None
        self._changed.set()
        try:
            outcome = await call.outcome
        finally:
            self._calls.pop(call, None)
        if isinstance(outcome, PredictError):
            raise outcome
        return outcome

    async def run(self) -> None:
        """Send batch after batch until cancelled; then wait, for a while, for the thread to leave the classifier."""
        try:
            with threadpool_limits(1, user_api="blas"):  # more go on spinning after a product, on the engine's cores
                while True:
                    while (patience_s := self._patience_s()) != 0:
                        self._changed.clear()
                        with suppress(TimeoutError):  # asked again: the last photo may just have been cancelled
                            async with asyncio.timeout(patience_s):
                                await self._changed.wait()
                    self._send()
        finally:
            if self._computing:
                await asyncio.wait(self._computing, timeout=self._settings.close_s)
            self._thread.shutdown(wait=False, cancel_futures=True)

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
        since_s = max(self._idle_since_s, next(reversed(self._ready)).since_s)
        return max(0.0, since_s + self._settings.linger_s - asyncio.get_running_loop().time())

    def _send(self) -> None:
        """As many photos as there are, up to a batch; else something else that waits."""
        seats = list(islice(chain(self._ready, self._later), self.limit_photos))
        calls = [] if seats else list(islice(self._calls, 1))
        for seat in seats:
            self._ready.pop(seat, None)
            self._later.pop(seat, None)
        for call in calls:
            del self._calls[call]
        sent: list[_Seat | _Call[Any]] = [*seats, *calls]
        computing = asyncio.get_running_loop().run_in_executor(self._thread, self._compute, sent)
        computing.add_done_callback(partial(self._hand_out, sent))
        self._computing.add(computing)

    def _compute(self, sent: Sequence[_Seat | _Call[Any]]) -> list[Any]:
        """In the inference thread. Returns: an outcome each, in order."""
        with self.turns.computing():
            try:
                self._current = self._champion()
            except Exception:
                if self._current is None:
                    raise
                log.exception("no new classifier: the current one goes on")
                self._metrics.errors.labels("swap").inc()
            current = self._current
            self.limit_photos = self._settings.batch_photos or current.batch_sizes[-1]
            if photos := [one.photo for one in sent if isinstance(one, _Seat)]:
                return run_batch(current, photos, self._metrics, self._shadow)
            return [one.work(current) for one in sent if isinstance(one, _Call)]

    def _hand_out(self, sent: Sequence[_Seat | _Call[Any]], computing: asyncio.Future[list[Any]]) -> None:
        self._computing.discard(computing)
        self._idle_since_s = asyncio.get_running_loop().time()
        self._changed.set()
        if computing.cancelled():
            outcomes: list[Any] = [PredictError("the worker is closing") for _ in sent]
        elif error := computing.exception():
            log.error("nothing was computed for %d that waited", len(sent), exc_info=error)
            outcomes = [PredictError(str(error)) for _ in sent]
        else:
            outcomes = computing.result()
        for one, outcome in zip(sent, outcomes, strict=True):
            if not one.outcome.done():  # whoever waited may have been cancelled
                one.outcome.set_result(outcome)
