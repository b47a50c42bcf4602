"""The bench measures what it says; its numbers are ratios of one run."""

import json

import numpy as np
import pytest
from numpy.typing import NDArray
from test_feature_cache import Means, drawn

from breedbot.bench.learning.training_bench import run_training_bench, training_bench_table


class Counted(Means):
    """Counts the batches too."""

    def __init__(self) -> None:
        super().__init__()
        self.batches = 0

    def __call__(self, batch: NDArray[np.uint8], /) -> NDArray[np.float32]:
        self.batches += 1
        return super().__call__(batch)


@pytest.mark.slow
def test_the_engine_and_the_cache_see_equally_many_photos_each_round() -> None:
    network = Counted()
    told: list[float] = []

    measured = run_training_bench(
        network, "none", [drawn(number) for number in range(8)], rows=200, rounds=2, progress=told.append
    )

    assert network.batches == 2 * (2 + 2)
    assert told == [pytest.approx(1 / 3), pytest.approx(2 / 3), 1]
    assert (measured.photos, measured.rounds, measured.head_rows, measured.head_classes) == (8, 2, 200, 84)
    assert measured.raw_images_per_s > 0
    assert measured.cache_over_raw > 0
    assert measured.head_fit_s > 0
    assert json.loads(json.dumps(measured.to_json()))["engine"] == "none"
    assert training_bench_table(measured).row_count == 4
