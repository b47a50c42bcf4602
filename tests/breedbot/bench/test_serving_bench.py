"""The bench measures what it says, on an engine whose speed is known."""

import io
import json
import threading
import time

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from breedbot.bench.serving.api_bench import run_api_bench
from breedbot.bench.serving.sample_photos import sample_photo
from breedbot.bench.serving.served_path import FirstLook, PathError, slope
from breedbot.bench.serving.serving_bench import NO_KERAS, ROUNDS, run_serving_bench
from core.prediction import BreedScore, Kind, Prediction
from inference.photo.preprocess import Preprocessing

CONTRACT = {"engine", "raw_images_per_s", "pipeline_images_per_s", "keras_predict_images_per_s", "p50_ms", "p99_ms"}
PHOTO_S = 0.004


class SleepyEngine:
    """Takes a fixed time a photo and none of the processor, so that only the path's own cost is left to see."""

    engine = "sleepy"
    preprocessing = Preprocessing(input_px=8, resize_px=8)
    batch_sizes = (1, 4)

    def __init__(self) -> None:
        self.idle = threading.Lock()

    @property
    def second(self) -> None:
        return None

    def cells(self, photo: NDArray[np.uint8]) -> NDArray[np.float32]:
        raise NotImplementedError

    def raw_features(self, batch: NDArray[np.uint8]) -> object:
        assert batch.dtype == np.uint8
        assert batch.shape[1:] == (8, 8, 3)
        assert self.idle.acquire(blocking=False), "the engine and the path were measured at the same time"
        time.sleep(PHOTO_S * len(batch))
        self.idle.release()
        return None

    def predict(self, batch: NDArray[np.uint8]) -> list[Prediction]:
        self.raw_features(batch)
        answer = Prediction(Kind.BREED, (BreedScore("beagle", 1.0),), 0.0, "m", "b", np.zeros(1, np.float16))
        return [answer] * len(batch)


class Curious(SleepyEngine):
    """Says when somebody asks for its second look."""

    asked = False

    @property
    def second(self) -> None:
        self.asked = True


class BrokenEngine(SleepyEngine):
    def predict(self, batch: NDArray[np.uint8]) -> list[Prediction]:
        raise RuntimeError("broken")


def small_photos() -> list[bytes]:
    return [sample_photo(seed, 40, 32) for seed in range(3)]


@pytest.mark.slow
async def test_the_numbers_are_those_of_the_engine() -> None:
    shares: list[float] = []
    bench = await run_serving_bench(SleepyEngine(), small_photos(), seconds=1, progress=shares.append)

    assert 0 < bench.pipeline_images_per_s <= 1.1 / PHOTO_S
    assert 0 < bench.raw_images_per_s <= 1 / PHOTO_S
    assert min(bench.p50_ms, bench.raw_batch_1_ms) >= PHOTO_S * 1000
    assert bench.p50_ms <= bench.p95_ms <= bench.p99_ms
    assert PHOTO_S * 1000 <= bench.answered_p50_ms <= bench.answered_p95_ms
    assert bench.n["rounds"] == ROUNDS
    assert all(bench.n[key] >= ROUNDS for key in ("raw", "pipeline", "alone", "answered"))
    assert shares == [number / ROUNDS for number in range(1, ROUNDS + 1)]


@pytest.mark.slow
async def test_without_keras_it_says_so_instead_of_a_number() -> None:
    bench = await run_serving_bench(SleepyEngine(), small_photos(), seconds=0)

    assert bench.keras_predict_images_per_s is None
    assert bench.pipeline_over_keras is None
    assert bench.keras_missing == NO_KERAS


@pytest.mark.slow
async def test_keras_is_measured_photo_by_photo() -> None:
    shapes: set[tuple[int, ...]] = set()

    def keras_predict(photo: NDArray[np.uint8]) -> None:
        shapes.add(photo.shape)
        time.sleep(0.02)

    bench = await run_serving_bench(SleepyEngine(), small_photos(), seconds=0.5, keras_predict=keras_predict)

    assert shapes == {(1, 8, 8, 3)}
    assert bench.keras_missing is None
    assert bench.keras_predict_images_per_s is not None
    assert 0 < bench.keras_predict_images_per_s <= 50
    assert bench.pipeline_over_keras is not None


@pytest.mark.slow
async def test_the_api_is_measured_beside_the_worker_alone() -> None:
    shares: list[float] = []
    bench = await run_api_bench(SleepyEngine(), small_photos(), seconds=2, progress=shares.append)

    assert 0 < bench.worker_images_per_s <= 1.1 / PHOTO_S
    assert 0 < bench.api_images_per_s <= 1.1 / PHOTO_S
    assert bench.api_over_worker <= 1.1
    assert shares[-1] == 1
    assert json.loads(json.dumps(bench.to_json()))["n"]["rounds"] == ROUNDS


async def test_a_photo_that_the_api_does_not_answer_ends_the_measurement() -> None:
    with pytest.raises(PathError):
        await run_api_bench(BrokenEngine(), small_photos(), seconds=0)


@pytest.mark.slow
async def test_it_becomes_json_with_the_keys_of_the_contract() -> None:
    bench = await run_serving_bench(SleepyEngine(), small_photos(), seconds=0)
    read = json.loads(json.dumps(bench.to_json()))

    assert read.keys() >= CONTRACT
    assert read["conditions"]["cores"] >= 1
    assert read["conditions"]["numpy"] == np.__version__


@pytest.mark.slow
async def test_only_what_people_are_answered_is_looked_at_twice() -> None:
    engine = Curious()
    await run_serving_bench(engine, small_photos(), seconds=0)

    assert engine.asked
    assert FirstLook(engine).second is None


async def test_an_engine_that_fails_is_an_error_and_not_a_speed() -> None:
    with pytest.raises(PathError, match="internal"):
        await run_serving_bench(BrokenEngine(), small_photos(), seconds=0)


def test_answers_in_batches_have_the_speed_of_their_batches() -> None:
    times_s = [batch * 0.5 for batch in range(6) for _ in range(8)]

    assert slope(times_s) == pytest.approx(16, rel=0.1)
    assert slope(times_s[3:-2]) == pytest.approx(16, rel=0.1)


def test_a_sample_photo_is_as_heavy_as_a_photo_and_always_the_same() -> None:
    data = sample_photo(1)

    assert Image.open(io.BytesIO(data)).size == (800, 600)
    assert 90_000 < len(data) < 130_000
    assert data == sample_photo(1)
    assert data != sample_photo(2)
