"""The champion changes twenty times under load, and nobody notices but by the answers."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from breedbot.bench.serving.swap_bench import MODELS, consistent, run_swap_bench
from inference.settings import Engine
from inference.store.folder_store import ModelStore


@pytest.mark.slow
async def test_under_load_no_answer_is_lost_and_each_is_that_of_the_model_it_carries(tmp_path: Path) -> None:
    measured = await run_swap_bench(
        ModelStore(tmp_path), Engine.OPENVINO, quiet=4, answers=60, moves=20
    )  # each is looked at twice
    print(measured.to_json())

    assert (measured.answers, measured.moves) == (60, 20)
    assert (measured.failed, measured.inconsistent) == (0, 0)
    assert measured.telling == 60, "the two never say the same"
    assert set(measured.models) == set(MODELS), "both answered"


def test_an_answer_of_another_model_would_be_seen(tmp_path: Path) -> None:
    store = ModelStore(tmp_path)
    head = store.head(store.pointer().model).head()
    features = np.random.default_rng(1).random((1, len(head.weights)), np.float32)
    other = replace(head, weights=np.roll(head.weights, 1, axis=1))

    (prediction,) = head.predictions(features)

    assert consistent(prediction, head)
    assert not consistent(prediction, other)
