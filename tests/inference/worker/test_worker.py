"""Whatever photos, classifier, store and reports do: every job gets its own answer once, and none waits for another."""

import asyncio
import io
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image
from prometheus_client import CollectorRegistry, Histogram

from core.prediction import BreedScore, Kind, Prediction
from inference.look.second_look import Scan, Squares, Steps
from inference.photo.decode import DecodeLimits
from inference.photo.preprocess import Preprocessing
from inference.queue.local import LocalQueue
from inference.queue.protocol import Failure, Job, JobResult
from inference.worker import batcher
from inference.worker.metrics import WorkerMetrics
from inference.worker.settings import WorkerSettings
from inference.worker.worker import Worker

SMALL = Preprocessing(input_px=8, resize_px=8)
OTHER = Preprocessing(input_px=16, resize_px=16)
NOW_S = 1_000_000.0
TIMEOUT_S = 60
QUICK = WorkerSettings(retry_wait_s=0, decode_threads=2)
POISON = 13


def photo(grey: int) -> bytes:
    """A plain photo; the fake classifier reads its grey back, so a mix-up of answers cannot go unseen."""
    file = io.BytesIO()
    Image.new("RGB", (20, 16), (grey, grey, grey)).save(file, "PNG")
    return file.getvalue()


def job(number: int, age_s: float = 0.0) -> Job:
    return Job(id=number, photo_sha256=str(number), submitted_at=time.time() - age_s)


def prediction(grey: int, model: str) -> Prediction:
    return Prediction(Kind.BREED, (BreedScore("beagle", 1.0),), grey / 255, model, "fake", np.zeros(1, np.float16))


def grey_of(result: JobResult) -> int:
    assert result.predictions, result.failure
    return round(result.predictions[0].not_a_dog * 255)


class FakeClassifier:
    """Reads greys. `gate` shut = it hangs; `strange` replaces its answer to a batch of greys."""

    def __init__(self, model: str = "fake", preprocessing: Preprocessing = SMALL, largest: int = 4) -> None:
        self.model = model
        self.preprocessing = preprocessing
        self.batch_sizes: tuple[int, ...] = (1, largest)
        self.batches: list[list[int]] = []
        self.entered = threading.Semaphore(0)
        self.gate = threading.Event()
        self.gate.set()
        self.strange: Callable[[list[int]], list[Prediction] | None] = lambda greys: None

    second: Any = None

    def cells(self, photo: NDArray[np.uint8]) -> NDArray[np.float32]:
        raise NotImplementedError

    def predict(self, batch: NDArray[np.uint8]) -> list[Prediction]:
        assert batch.shape[1:] == (self.preprocessing.input_px, self.preprocessing.input_px, 3)
        assert len(batch) <= self.batch_sizes[-1]
        greys = [int(image[0, 0, 0]) for image in batch]
        self.batches.append(greys)
        self.entered.release()
        assert self.gate.wait(TIMEOUT_S)
        odd = self.strange(greys)
        return [prediction(grey, self.model) for grey in greys] if odd is None else odd

    async def is_entered(self) -> None:
        assert await asyncio.to_thread(self.entered.acquire, timeout=TIMEOUT_S)


class Heard(Histogram):
    """Tells when it was observed."""

    def __init__(self, name: str) -> None:
        super().__init__(name, name, registry=None)
        self.observations = asyncio.Semaphore(0)

    def observe(self, amount: float, exemplar: dict[str, str] | None = None) -> None:
        super().observe(amount, exemplar)
        self.observations.release()


@pytest.fixture(autouse=True)
def impatient_decoders(monkeypatch: pytest.MonkeyPatch) -> None:
    """They go ahead at once beside a classifier that a test holds up."""
    monkeypatch.setattr(batcher, "PATIENCE_S", 0.01)


@dataclass
class Bench:
    """A worker with fakes at its seams."""

    classifier: FakeClassifier
    settings: WorkerSettings
    queue: LocalQueue = field(default_factory=LocalQueue)
    photos: dict[str, bytes] = field(default_factory=dict)
    results: dict[int, JobResult] = field(default_factory=dict)
    registry: CollectorRegistry = field(default_factory=CollectorRegistry)

    def __post_init__(self) -> None:
        self.answered = asyncio.Condition()
        self.fetch: Callable[[str], Awaitable[bytes]] = self.stored
        self.report: Callable[[JobResult], Awaitable[None]] = self.accept
        metrics = WorkerMetrics(self.registry)
        metrics.decode_s = self.decodings = Heard("decodings")
        self.worker = Worker(
            self.queue,
            lambda: self.classifier,
            lambda name: self.fetch(name),  # noqa: PLW0108 - a test may exchange it later
            lambda result: self.report(result),  # noqa: PLW0108
            self.settings,
            metrics=metrics,
        )

    async def stored(self, name: str) -> bytes:
        return self.photos[name]

    async def accept(self, result: JobResult) -> None:
        assert result.job.id not in self.results
        async with self.answered:
            self.results[result.job.id] = result
            self.answered.notify_all()

    async def submit(self, numbers: Iterable[int]) -> None:
        for number in numbers:
            self.photos.setdefault(str(number), photo(number))
            await self.queue.submit(job(number))

    async def results_of(self, numbers: Sequence[int]) -> list[JobResult]:
        async with asyncio.timeout(TIMEOUT_S), self.answered:
            await self.answered.wait_for(lambda: all(number in self.results for number in numbers))
        return [self.results[number] for number in numbers]

    async def answers(self, numbers: Sequence[int]) -> list[JobResult]:
        await self.submit(numbers)
        return await self.results_of(numbers)

    async def decoded(self, photos: int) -> None:
        """So many more are ready for the classifier."""
        async with asyncio.timeout(TIMEOUT_S):
            for _ in range(photos):
                await self.decodings.observations.acquire()

    def count(self, name: str, **labels: str) -> float:
        return self.registry.get_sample_value(f"breedbot_worker_{name}", labels) or 0.0


@asynccontextmanager
async def working(classifier: FakeClassifier | None = None, **changes: object) -> AsyncIterator[Bench]:
    """A running worker; on leaving, it is cancelled and must go quietly."""
    bench = Bench(classifier or FakeClassifier(), replace(QUICK, **changes))  # type: ignore[arg-type]
    running = asyncio.ensure_future(bench.worker.run())
    try:
        yield bench
    finally:
        assert not running.done() or running.exception() is None
        running.cancel()
        await asyncio.wait([running])


async def test_every_photo_gets_its_own_answer() -> None:
    async with working() as bench:
        results = await bench.answers(range(50))

        assert [grey_of(result) for result in results] == list(range(50))
        assert all(result.decode_s > 0 and result.infer_s > 0 and 0 <= result.queue_s < TIMEOUT_S for result in results)


async def test_one_photo_alone_is_not_kept_waiting_for_others() -> None:
    async with working(linger_s=3600.0) as bench:
        (result,) = await bench.answers([7])

        assert grey_of(result) == 7


async def test_an_idle_classifier_waits_for_the_photos_that_are_being_fetched() -> None:
    async with working(linger_s=3600.0) as bench:
        last = asyncio.Event()

        async def fetch(name: str) -> bytes:
            if name == "3":
                await last.wait()
            return bench.photos[name]

        bench.fetch = fetch
        await bench.submit([1, 2, 3])
        await bench.decoded(2)
        last.set()
        await bench.results_of([1, 2, 3])

        assert [sorted(batch) for batch in bench.classifier.batches] == [[1, 2, 3]]


async def test_the_time_that_a_batch_takes_is_no_time_that_the_next_one_has_lingered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    loop, last = asyncio.get_running_loop(), asyncio.Event()
    now_s = loop.time
    classifier = FakeClassifier()
    classifier.gate.clear()
    async with working(classifier, linger_s=5.0) as bench:

        async def fetch(name: str) -> bytes:
            if name == "3":
                await last.wait()
            return bench.photos[name]

        bench.fetch = fetch
        await bench.submit([1])
        await classifier.is_entered()
        await bench.submit([2, 3])
        await bench.decoded(2)
        monkeypatch.setattr(loop, "time", lambda: now_s() + 10)  # the batch takes longer than anything lingers
        classifier.gate.set()
        await bench.results_of([1])
        last.set()
        await bench.results_of([2, 3])

    assert [sorted(batch) for batch in classifier.batches] == [[1], [2, 3]]


async def test_a_slow_fetch_holds_up_nobody_but_itself() -> None:
    async with working(linger_s=0.001) as bench:
        never = asyncio.Event()

        async def fetch(name: str) -> bytes:
            if name == "1":
                await never.wait()
            return bench.photos[name]

        bench.fetch = fetch
        await bench.submit([1])
        results = await bench.answers(range(2, 40))

        assert [grey_of(result) for result in results] == list(range(2, 40))
        assert 1 not in bench.results


async def test_photos_that_come_while_it_computes_leave_together() -> None:
    classifier = FakeClassifier()
    classifier.gate.clear()
    async with working(classifier) as bench:
        await bench.submit([1])
        await classifier.is_entered()
        await bench.submit([2, 3, 4, 5])
        await bench.decoded(5)  # the next batch is decoded while this one computes
        classifier.gate.set()
        await bench.results_of([1, 2, 3, 4, 5])

    assert [sorted(batch) for batch in classifier.batches] == [[1], [2, 3, 4, 5]]


async def test_no_more_is_taken_than_three_batches() -> None:
    classifier = FakeClassifier(largest=2)
    classifier.gate.clear()
    async with working(classifier) as bench:
        await bench.submit(range(20))
        await bench.decoded(6)
        await classifier.is_entered()

        assert bench.queue.waiting() == 14
        classifier.gate.set()
        assert len(await bench.results_of(range(20))) == 20


async def test_bytes_are_held_for_a_bounded_number_of_photos() -> None:
    classifier = FakeClassifier(largest=16)
    async with working(classifier, fetches=3) as bench:
        held = most = 0

        async def fetch(name: str) -> bytes:
            nonlocal held, most
            held += 1
            most = max(most, held)
            await asyncio.sleep(0)
            held -= 1
            return bench.photos[name]

        bench.fetch = fetch
        await bench.answers(range(40))

        assert most == 3


async def test_jobs_are_answered_in_the_order_in_which_they_came() -> None:
    async with working(decode_threads=1, fetches=1) as bench:
        await bench.answers(range(30))

        assert list(bench.results) == list(range(30))


@pytest.mark.parametrize(
    ("data", "failure"),
    [
        (b"", Failure.UNREADABLE),
        (b"%PDF-1.7 not a photo", Failure.UNREADABLE),
        (photo(1)[:-30], Failure.UNREADABLE),
        (photo(1) + bytes(5000), Failure.TOO_LARGE),
    ],
)
async def test_a_bad_photo_fails_alone(data: bytes, failure: Failure) -> None:
    async with working(limits=DecodeLimits(limit_bytes=5000)) as bench:
        bench.photos["2"] = data
        results = await bench.answers([1, 2, 3])

        assert [result.failure for result in results] == [None, failure, None]
        assert bench.count("results_total", outcome=str(failure)) == 1
        assert bench.count("results_total", outcome="breed") == 2


async def test_a_photo_with_too_many_pixels_is_too_large() -> None:
    async with working(limits=DecodeLimits(limit_pixels=100)) as bench:
        (result,) = await bench.answers([1])

        assert result.failure is Failure.TOO_LARGE


async def test_a_photo_that_is_gone_is_missing_at_once() -> None:
    async with working(retry_wait_s=3600.0) as bench:
        await bench.queue.submit(job(5))
        (result,) = await bench.results_of([5])

        assert result.failure is Failure.MISSING


async def test_a_store_that_fails_now_and_then_is_asked_again() -> None:
    async with working() as bench:
        asked: list[str] = []

        async def fetch(name: str) -> bytes:
            asked.append(name)
            if asked.count(name) < 3:
                raise ConnectionError(name)
            return bench.photos[name]

        bench.fetch = fetch
        results = await bench.answers([1, 2])

        assert [grey_of(result) for result in results] == [1, 2]


@pytest.mark.parametrize("error", [OSError("disk"), asyncio.CancelledError(), RuntimeError("bug")])
async def test_a_store_that_fails_for_good_fails_one_job(error: BaseException) -> None:
    async with working() as bench:

        async def fetch(name: str) -> bytes:
            if name == "1":
                raise error
            return bench.photos[name]

        bench.fetch = fetch
        results = await bench.answers([1, 2])

        assert [result.failure for result in results] == [Failure.INTERNAL, None]


async def test_a_store_that_never_answers_is_given_up() -> None:
    async with working(fetch_timeout_s=0.01) as bench:

        async def fetch(name: str) -> bytes:
            if name == "1":
                await asyncio.Event().wait()
            return bench.photos[name]

        bench.fetch = fetch
        results = await bench.answers([1, 2])

        assert [result.failure for result in results] == [Failure.INTERNAL, None]


async def test_jobs_over_age_are_answered_without_being_computed() -> None:
    async with working(max_age_s=500.0) as bench:
        await bench.queue.submit(job(1, age_s=600.0))
        await bench.submit([2])
        old, young = await bench.results_of([1, 2])

        assert old.failure is Failure.TOO_OLD
        assert old.queue_s >= 600
        assert grey_of(young) == 2
        assert bench.classifier.batches == [[2]]


async def test_a_clock_that_was_set_back_makes_no_negative_wait() -> None:
    async with working() as bench:
        bench.photos["1"] = photo(1)
        await bench.queue.submit(job(1, age_s=-500.0))
        (result,) = await bench.results_of([1])

        assert result.queue_s == 0


def poisoned(greys: list[int]) -> None:
    if POISON in greys:
        raise RuntimeError("the classifier chokes on this photo")


async def test_a_photo_that_breaks_the_classifier_fails_alone() -> None:
    classifier = FakeClassifier()
    classifier.strange = poisoned
    async with working(classifier) as bench:
        results = await bench.answers(range(20))

        assert [result.failure for result in results if result.job.id != POISON] == [None] * 19
        assert [grey_of(result) for result in results if result.predictions] == [n for n in range(20) if n != POISON]
        assert results[POISON].failure is Failure.INTERNAL


async def test_a_classifier_that_stumbles_once_costs_nobody_an_answer() -> None:
    classifier = FakeClassifier()
    stumbles = iter([MemoryError("just now")])

    def stumble(greys: list[int]) -> None:
        for error in stumbles:
            raise error

    classifier.strange = stumble
    async with working(classifier) as bench:
        results = await bench.answers(range(8))

        assert [grey_of(result) for result in results] == list(range(8))


@pytest.mark.parametrize("difference", [-1, 1])
async def test_a_batch_with_a_wrong_count_is_not_believed(difference: int) -> None:
    classifier = FakeClassifier()
    classifier.gate.clear()

    def miscount(greys: list[int]) -> list[Prediction] | None:
        return None if len(greys) == 1 else [prediction(99, "wrong")] * (len(greys) + difference)

    classifier.strange = miscount
    async with working(classifier) as bench:
        await bench.submit([1])
        await classifier.is_entered()
        await bench.submit([2, 3, 4])
        await bench.decoded(4)
        classifier.gate.set()
        results = await bench.results_of([1, 2, 3, 4])

        assert [grey_of(result) for result in results] == [1, 2, 3, 4]
        assert [len(batch) for batch in classifier.batches] == [1, 3, 1, 1, 1]


async def test_a_hanging_classifier_goes_on_where_it_was() -> None:
    classifier = FakeClassifier()
    classifier.gate.clear()
    async with working(classifier) as bench:
        await bench.submit(range(30))
        await classifier.is_entered()
        assert not bench.results

        classifier.gate.set()

        assert [grey_of(result) for result in await bench.results_of(range(30))] == list(range(30))


async def test_no_classifier_at_all_fails_the_jobs_and_not_the_worker() -> None:
    bench = Bench(FakeClassifier(), QUICK)
    good = bench.classifier
    del bench.classifier
    running = asyncio.ensure_future(bench.worker.run())
    broken = await bench.answers([1, 2])
    bench.classifier = good
    healed = await bench.answers([3])
    running.cancel()
    await asyncio.wait([running])

    assert [result.failure for result in broken] == [Failure.INTERNAL] * 2
    assert grey_of(healed[0]) == 3


async def test_a_swap_that_fails_leaves_the_current_classifier_at_work() -> None:
    async with working() as bench:
        await bench.answers([1])
        del bench.classifier
        (result,) = await bench.answers([2])

        assert grey_of(result) == 2
        bench.classifier = FakeClassifier("new")


async def test_the_classifier_is_asked_in_the_inference_thread_only() -> None:
    asked: set[str] = set()
    bench = Bench(FakeClassifier(), QUICK)
    classifier = bench.classifier

    def champion() -> FakeClassifier:
        asked.add(threading.current_thread().name)
        return classifier

    worker = Worker(bench.queue, champion, bench.stored, bench.accept, QUICK)
    running = asyncio.ensure_future(worker.run())
    await bench.answers(range(20))
    running.cancel()
    await asyncio.wait([running])

    assert asked == {"inference_0"}


async def test_a_swap_happens_between_two_batches() -> None:
    old, new = FakeClassifier("old"), FakeClassifier("new", largest=2)
    old.gate.clear()
    async with working(old) as bench:
        await bench.submit([1])
        await old.is_entered()
        await bench.submit([2, 3, 4, 5])
        await bench.decoded(5)

        bench.classifier = new
        old.gate.set()
        results = await bench.results_of([1, 2, 3, 4, 5])

        assert [grey_of(result) for result in results] == [1, 2, 3, 4, 5]
        assert [one.model for result in results for one in result.predictions] == ["old", *["new"] * 4]
        assert [len(batch) for batch in new.batches] == [2, 2]


async def test_a_swap_to_other_pixels_decodes_again_what_was_waiting() -> None:
    old, new = FakeClassifier("old"), FakeClassifier("new", OTHER)
    old.gate.clear()
    async with working(old) as bench:
        await bench.submit([1])
        await old.is_entered()
        await bench.submit([2, 3, 4])
        await bench.decoded(4)

        bench.classifier = new
        old.gate.set()
        results = await bench.results_of([1, 2, 3, 4])

        assert [grey_of(result) for result in results] == [1, 2, 3, 4]


async def test_a_report_that_fails_now_and_then_is_repeated() -> None:
    async with working() as bench:
        seen: list[int] = []

        async def report(result: JobResult) -> None:
            seen.append(result.job.id)
            if seen.count(result.job.id) < 3:
                raise ConnectionError("database is away")
            await bench.accept(result)

        bench.report = report

        assert [grey_of(result) for result in await bench.answers(range(10))] == list(range(10))


@pytest.mark.parametrize("error", [OSError("disk full"), asyncio.CancelledError()])
async def test_a_report_that_nobody_takes_blocks_nobody(error: BaseException) -> None:
    async with working() as bench:
        refused: set[int] = set()
        all_refused = asyncio.Event()

        async def report(result: JobResult) -> None:
            if result.job.id % 2:
                refused.add(result.job.id)
                if len(refused) == 20:
                    all_refused.set()
                raise error
            await bench.accept(result)

        bench.report = report
        await bench.submit(range(40))
        await bench.results_of(range(0, 40, 2))
        async with asyncio.timeout(TIMEOUT_S):
            await all_refused.wait()

        assert refused == set(range(1, 40, 2))
        bench.report = bench.accept
        assert grey_of((await bench.answers([1]))[0]) == 1  # it may be submitted again


async def test_a_report_that_hangs_is_given_up() -> None:
    async with working(report_timeout_s=0.01, tries=1) as bench:

        async def report(result: JobResult) -> None:
            if result.job.id < 30:
                await asyncio.Event().wait()
            await bench.accept(result)

        bench.report = report
        await bench.submit(range(30))
        (result,) = await bench.answers([30])

        assert grey_of(result) == 30


async def test_a_queue_that_fails_is_asked_again() -> None:
    class Shaky(LocalQueue):
        errors = 3

        async def take(self, limit: int, max_wait_s: float) -> list[Job]:
            if self.errors:
                self.errors -= 1
                raise ConnectionError("no queue")
            return await super().take(limit, max_wait_s)

        async def done(self, job: Job) -> None:
            raise ConnectionError("no queue")

    bench = Bench(FakeClassifier(), QUICK, Shaky())
    running = asyncio.ensure_future(bench.worker.run())
    results = await bench.answers(range(9))

    assert [grey_of(result) for result in results] == list(range(9))
    running.cancel()
    await asyncio.wait([running])


async def test_drain_finishes_what_is_under_way_and_takes_nothing_more() -> None:
    classifier = FakeClassifier(largest=2)
    classifier.gate.clear()
    bench = Bench(classifier, QUICK)
    running = asyncio.ensure_future(bench.worker.run())
    await bench.submit(range(10))
    await classifier.is_entered()

    draining = asyncio.ensure_future(bench.worker.drain(TIMEOUT_S))
    await asyncio.sleep(0)
    classifier.gate.set()
    await draining
    await running

    assert sorted(bench.results) == list(range(6))
    assert bench.queue.waiting() == 4
    assert bench.queue.position(6) == 1


async def test_drain_puts_back_what_is_not_through_at_the_deadline() -> None:
    classifier = FakeClassifier(largest=2)
    classifier.gate.clear()
    bench = Bench(classifier, replace(QUICK, close_s=0.01))
    running = asyncio.ensure_future(bench.worker.run())
    await bench.submit(range(10))
    await classifier.is_entered()

    await bench.worker.drain(0.01)
    await running
    classifier.gate.set()

    assert not bench.results
    assert [each.id for each in await bench.queue.take(99, 0)] == list(range(10))


async def test_draining_an_idle_worker_ends_it_at_once() -> None:
    bench = Bench(FakeClassifier(), QUICK)
    await bench.worker.drain(TIMEOUT_S)
    await asyncio.wait_for(bench.worker.run(), TIMEOUT_S)

    assert bench.worker is not None


async def test_the_end_waits_for_the_thread_that_computes() -> None:
    classifier = FakeClassifier()
    classifier.gate.clear()
    bench = Bench(classifier, QUICK)
    running = asyncio.ensure_future(bench.worker.run())
    await bench.submit([1])
    await classifier.is_entered()

    running.cancel()
    await asyncio.wait([running], timeout=0.05)
    assert not running.done()
    classifier.gate.set()
    await asyncio.wait([running])

    assert running.cancelled()
    assert bench.queue.waiting() == 1


@settings(max_examples=60)
@given(st.integers(0, 120), st.booleans())
def test_cancelled_at_any_moment_every_job_is_answered_or_still_in_line(moment: int, drained: bool) -> None:
    """`moment` counts rounds of the event loop, so every await of the way of a job gets its turn."""

    async def play() -> None:
        bench = Bench(FakeClassifier(), QUICK)
        running = asyncio.ensure_future(bench.worker.run())
        await bench.submit(range(12))
        for turn in range(moment):
            await asyncio.sleep(0.0002 if turn % 8 == 7 else 0)
        if drained:
            await bench.worker.drain(0)
        else:
            running.cancel()
        await asyncio.wait([running])

        left = await bench.queue.take(99, 0) if bench.queue.waiting() else []
        assert sorted([*bench.results, *(each.id for each in left)]) == list(range(12))

    asyncio.run(play())


async def test_a_second_worker_finishes_what_the_first_put_back() -> None:
    bench = Bench(FakeClassifier(), QUICK)
    first = asyncio.ensure_future(bench.worker.run())
    await bench.submit(range(30))
    await bench.results_of([0])
    first.cancel()
    await asyncio.wait([first])

    second = asyncio.ensure_future(bench.worker.run())
    results = await bench.results_of(range(30))
    second.cancel()
    await asyncio.wait([second])

    assert [grey_of(result) for result in results] == list(range(30))


@pytest.mark.parametrize(
    ("key", "value"),
    [("batch_photos", 0), ("decode_threads", 0), ("tries", 0), ("linger_s", -1.0), ("max_age_s", 0.0)],
)
def test_settings_that_make_no_sense_are_refused_by_name(key: str, value: float) -> None:
    with pytest.raises(ValueError, match=key):
        replace(QUICK, **{key: value})  # type: ignore[arg-type]


class Twice(FakeClassifier):
    """Looks at every photo again: a scan, then two squares of greys 200 and 201; says what the squares say."""

    def __init__(self) -> None:
        super().__init__()
        self.scans: list[tuple[int, ...]] = []
        self.broken = False
        head = SimpleNamespace(model="fake")
        self.second = SimpleNamespace(head=head, wanted=lambda *_: True, steps=two_steps)

    def cells(self, photo: NDArray[np.uint8]) -> NDArray[np.float32]:
        if self.broken:
            raise RuntimeError("no scan today")
        self.scans.append(photo.shape)
        return np.zeros((1, 1, 1), np.float32)


def two_steps(picture: Image.Image, first: Prediction) -> Steps:
    cells = yield Scan(np.zeros((32, 64, 3), np.uint8))
    assert cells.shape == (1, 1, 1)
    features = yield Squares(np.stack([np.full((8, 8, 3), grey, np.uint8) for grey in (200, 201)]))
    assert features.shape == (2, 1)
    yield prediction(200, "fake"), prediction(201, "fake")


async def test_a_second_look_takes_its_steps_in_the_batches_of_all() -> None:
    classifier = Twice()
    async with working(classifier) as stand:
        results = await stand.answers(range(6))

    assert [[round(one.not_a_dog * 255) for one in result.predictions] for result in results] == [[200, 201]] * 6
    assert classifier.scans == [(32, 64, 3)] * 6
    assert sum(len(batch) for batch in classifier.batches) == 18
    assert max(len(batch) for batch in classifier.batches) == 4


async def test_a_photo_that_breaks_the_second_look_keeps_its_first_answer() -> None:
    classifier = Twice()
    classifier.broken = True
    async with working(classifier) as stand:
        results = await stand.answers(range(5))

    assert [grey_of(result) for result in results] == list(range(5))
    assert all(len(result.predictions) == 1 for result in results)


async def test_first_looks_go_before_second_ones() -> None:
    classifier = Twice()
    classifier.gate.clear()
    async with working(classifier) as stand:
        await stand.submit(range(8))
        await classifier.is_entered()
        classifier.gate.set()
        await stand.results_of(range(8))

    looked = [grey for batch in classifier.batches for grey in batch]
    assert looked.index(200) >= 4
    assert sorted(grey for grey in looked if grey < 200) == list(range(8))
