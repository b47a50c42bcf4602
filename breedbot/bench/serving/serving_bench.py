"""How much of the engine's speed reaches the user: the engine alone and the whole path, measured in turns."""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from breedbot.bench.serving.conditions import conditions
from breedbot.bench.serving.sample_photos import sample_photo
from breedbot.bench.serving.served_path import FirstLook, Flow, PathError, ServedPath
from inference.worker.batch import Predictor

Pixels = NDArray[np.uint8]
Progress = Callable[[float], None]
KerasPredict = Callable[[Pixels], object]

SAMPLES = 32
ROUNDS = 5
NO_KERAS = "not measured: no Keras predict was given (is Keras installed?)"
# Shares of a round's time; the pipeline gets as long as the engine that it is compared with.
_RAW, _PIPELINE, _ALONE, _KERAS = 0.35, 0.35, 0.2, 0.1
_FEWEST_BATCHES = 4
_FEWEST_ALONE = 5
_DRAIN_S = 30.0


class BenchClassifier(Predictor, Protocol):
    """A classifier whose engine can be driven alone."""

    @property
    def engine(self) -> str:
        """Name and precision."""

    def raw_features(self, batch: Pixels) -> object:
        """The engine alone: uint8 [N, H, W, 3] → features, which nobody looks at here."""


@dataclass(frozen=True, slots=True)
class ServingBench:
    """Measured in one run; ratios are medians over rounds, each with its own engine measurement right beside it.

    Attributes:
        engine: name and precision.
        raw_images_per_s: prepared pixels straight into the engine, in its best batch size.
        pipeline_images_per_s: bytes → queue → decode → batch → features → head → Prediction, saturated; the first look
            alone, which takes the engine once a photo.
        keras_predict_images_per_s: Keras `predict`, one prepared photo after the other; None without Keras.
        p50_ms, p95_ms, p99_ms: one photo alone through the whole path, its first look.
        answered_p50_ms, answered_p95_ms: the same as people are answered: it is looked at again where the first look is
            unsure. How often that is depends on the photos: always, where there is no dog, as on the generated ones.
        raw_batch_1_ms: one prepared photo through the engine, median.
        extra_ms: what the path adds to `raw_batch_1_ms` for one photo alone.
        pipeline_over_raw: the share of the engine's speed that is served.
        pipeline_over_keras: None without Keras.
        batch_photos: the engine's best batch size.
        photos: different photos used, and `photo_bytes` their mean size.
        n: measurements: rounds, photos through the engine, the path, the path alone, Keras.
        conditions: machine and versions.
        keras_missing: why there is no Keras number.
    """

    engine: str
    raw_images_per_s: float
    pipeline_images_per_s: float
    keras_predict_images_per_s: float | None
    p50_ms: float
    p95_ms: float
    p99_ms: float
    answered_p50_ms: float
    answered_p95_ms: float
    raw_batch_1_ms: float
    extra_ms: float
    pipeline_over_raw: float
    pipeline_over_keras: float | None
    batch_photos: int
    photos: int
    photo_bytes: int
    n: dict[str, int]
    conditions: dict[str, str | int | float]
    keras_missing: str | None

    def to_json(self) -> dict[str, object]:
        """The keys as they are, numbers rounded to what was measured."""
        return {key: round(value, 3) if isinstance(value, float) else value for key, value in asdict(self).items()}


@dataclass(frozen=True, slots=True)
class _Round:
    """One turn of every measurement."""

    raw_per_s: float
    raw_photos: int
    pipeline: Flow
    alone_s: list[float]
    answered_s: list[float]
    batch_1_s: list[float]
    keras_s: list[float]


async def run_serving_bench(
    classifier: BenchClassifier,
    photos: Sequence[bytes] = (),
    *,
    seconds: float = 30.0,
    keras_predict: KerasPredict | None = None,
    progress: Progress | None = None,
) -> ServingBench:
    """Measure for about `seconds`, in rounds.

    Args:
        classifier: warmed up.
        photos: files; none = generated ones.
        seconds: all rounds together; each measures a few batches at least, however long that takes.
        keras_predict: takes uint8 [1, H, W, 3], prepared; None = not measured.
        progress: is told the share that is done, 0–1.

    Raises:
        PathError: a photo was not answered.
        PhotoError: one of `photos` cannot be decoded.
    """
    files = list(photos) or await asyncio.to_thread(lambda: [sample_photo(seed) for seed in range(SAMPLES)])
    engine = await asyncio.to_thread(_Engine, classifier, files, keras_predict)
    paths = ServedPath(FirstLook(classifier), files), ServedPath(classifier, files)
    try:
        async with asyncio.TaskGroup() as group:
            for path in paths:
                group.create_task(path.worker.run())
            rounds = await _rounds(engine, *paths, seconds / ROUNDS, progress)
            for path in paths:
                await path.worker.drain(_DRAIN_S)
    except* PathError as errors:
        raise errors.exceptions[0] from None
    return _summary(engine, files, rounds)


class _Engine:
    """The engine alone, with photos that were prepared before. Every method blocks."""

    def __init__(self, classifier: BenchClassifier, files: Sequence[bytes], keras_predict: KerasPredict | None) -> None:
        self.classifier = classifier
        self.keras_predict = keras_predict
        prepared = [classifier.preprocessing.decode(file) for file in files]
        self._one = np.stack(prepared[:1])
        self.batch_photos = max(classifier.batch_sizes, key=lambda size: self._speed(_batch(prepared, size)))
        self._batch = _batch(prepared, self.batch_photos)
        if keras_predict is not None:
            keras_predict(self._one)  # compiles

    def raw(self, seconds: float) -> list[float]:
        """Seconds of each batch."""
        return _repeat(lambda: self.classifier.raw_features(self._batch), seconds, _FEWEST_BATCHES)

    def batch_1_s(self) -> float:
        """Seconds of one photo."""
        return _timed(lambda: self.classifier.raw_features(self._one))

    def keras(self, seconds: float) -> list[float]:
        """Seconds of each photo; nothing without Keras."""
        keras_predict = self.keras_predict
        return [] if keras_predict is None else _repeat(lambda: keras_predict(self._one), seconds, 1)

    def _speed(self, batch: Pixels) -> float:
        self.classifier.raw_features(batch)
        return len(batch) / min(_timed(lambda: self.classifier.raw_features(batch)) for _ in range(3))


async def _rounds(
    engine: _Engine, path: ServedPath, answered: ServedPath, seconds: float, progress: Progress | None
) -> list[_Round]:
    await path.saturated(0, 4 * engine.batch_photos)  # threads, caches and allocators get used to their work
    rounds = []
    for number in range(ROUNDS):
        rounds.append(await _round(engine, path, answered, seconds, pipeline_first=number % 2 == 1))
        if progress is not None:
            progress((number + 1) / ROUNDS)
    return rounds


async def _round(
    engine: _Engine, path: ServedPath, answered: ServedPath, seconds: float, *, pipeline_first: bool
) -> _Round:
    """The two that are compared stand side by side, in changing order: a drift of the clock rate favours neither."""

    async def pipeline() -> Flow:
        return await path.saturated(_PIPELINE * seconds, _FEWEST_BATCHES * engine.classifier.batch_sizes[-1])

    flow = await pipeline() if pipeline_first else None
    raw_s = await asyncio.to_thread(engine.raw, _RAW * seconds)
    flow = flow or await pipeline()
    alone_s, batch_1_s = await _alone(engine, path, _ALONE * seconds)
    answered_s = [await answered.alone() for _ in range(_FEWEST_ALONE)]
    keras_s = await asyncio.to_thread(engine.keras, _KERAS * seconds)
    raw_photos = engine.batch_photos * len(raw_s)
    return _Round(raw_photos / sum(raw_s), raw_photos, flow, alone_s, answered_s, batch_1_s, keras_s)


async def _alone(engine: _Engine, path: ServedPath, seconds: float) -> tuple[list[float], list[float]]:
    """One photo through the path, one through the engine, and so on."""
    alone_s: list[float] = []
    batch_1_s: list[float] = []
    end = time.perf_counter() + seconds
    while time.perf_counter() < end or len(alone_s) < _FEWEST_ALONE:
        alone_s.append(await path.alone())
        batch_1_s.append(await asyncio.to_thread(engine.batch_1_s))
    return alone_s, batch_1_s


def _summary(engine: _Engine, files: Sequence[bytes], rounds: Sequence[_Round]) -> ServingBench:
    alone_s = [seconds for each in rounds for seconds in each.alone_s]
    keras = engine.keras_predict is not None
    p50_s, p95_s, p99_s = np.percentile(alone_s, [50, 95, 99])
    answered_s = [seconds for each in rounds for seconds in each.answered_s]
    answered_p50_s, answered_p95_s = np.percentile(answered_s, [50, 95])
    return ServingBench(
        engine=engine.classifier.engine,
        raw_images_per_s=median(each.raw_per_s for each in rounds),
        pipeline_images_per_s=median(each.pipeline.per_s for each in rounds),
        keras_predict_images_per_s=median(_per_s(each.keras_s) for each in rounds) if keras else None,
        p50_ms=1000 * float(p50_s),
        p95_ms=1000 * float(p95_s),
        p99_ms=1000 * float(p99_s),
        answered_p50_ms=1000 * float(answered_p50_s),
        answered_p95_ms=1000 * float(answered_p95_s),
        raw_batch_1_ms=1000 * median(seconds for each in rounds for seconds in each.batch_1_s),
        extra_ms=1000 * median(median(each.alone_s) - median(each.batch_1_s) for each in rounds),
        pipeline_over_raw=median(each.pipeline.per_s / each.raw_per_s for each in rounds),
        pipeline_over_keras=median(each.pipeline.per_s / _per_s(each.keras_s) for each in rounds) if keras else None,
        batch_photos=engine.batch_photos,
        photos=len(files),
        photo_bytes=sum(map(len, files)) // len(files),
        n={
            "rounds": len(rounds),
            "raw": sum(each.raw_photos for each in rounds),
            "pipeline": sum(each.pipeline.photos for each in rounds),
            "alone": len(alone_s),
            "answered": len(answered_s),
            "keras_predict": sum(len(each.keras_s) for each in rounds),
        },
        conditions=conditions(),
        keras_missing=None if keras else NO_KERAS,
    )


def _batch(prepared: Sequence[Pixels], size: int) -> Pixels:
    return np.stack([prepared[place % len(prepared)] for place in range(size)])


def _repeat(call: Callable[[], object], seconds: float, fewest: int) -> list[float]:
    times_s: list[float] = []
    while sum(times_s) < seconds or len(times_s) < fewest:
        times_s.append(_timed(call))
    return times_s


def _timed(call: Callable[[], object]) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def _per_s(times_s: Sequence[float]) -> float:
    return len(times_s) / sum(times_s)
