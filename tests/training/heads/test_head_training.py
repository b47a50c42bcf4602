"""A head learns what can be learnt, stops when the validation photos say so, and keeps its best epoch."""

from typing import Any

import keras
import numpy as np
import pytest

from training.heads.head_training import Examples, Trained, train_head
from training.networks import head_network
from training.studies.reference.checkpoint import best_epoch

pytestmark = [pytest.mark.keras, pytest.mark.slow]


def examples(seed: int, noise: float = 0.3, count: int = 90) -> Examples:
    """Three clusters in eight dimensions."""
    rng = np.random.default_rng(seed)
    columns = np.arange(count) % 3
    return Examples((np.eye(8)[columns] + rng.normal(scale=noise, size=(count, 8))).astype(np.float16), columns)


def train(optimizer: Any = None, **changed: Any) -> Trained:
    keras.utils.set_random_seed(1)
    chosen: dict[str, Any] = {
        "batch_size": 1024,
        "epochs": 60,
        "patience": 5,
        "seed": 1,
        "validation": examples(2),
    } | changed
    validation = chosen.pop("validation")
    return train_head(
        head_network(8, 3), optimizer or keras.optimizers.Adam(0.1), examples(1), validation, **chosen
    )  # fmt: skip


def test_clusters_are_told_apart() -> None:
    trained = train()

    unseen = examples(3)
    answers = np.asarray(trained.model.predict_on_batch(unseen.features.astype(np.float32)))
    assert (answers.argmax(axis=1) == unseen.columns).mean() > 0.9
    assert set(trained.history[0]) == {"loss", "accuracy", "val_loss", "val_accuracy"}
    assert trained.history[-1]["loss"] < trained.history[0]["loss"]
    assert trained.seconds > 0


def test_training_stops_when_validation_worsens_and_the_best_epoch_wins() -> None:
    mislabelled = examples(2)
    contrary = Examples(mislabelled.features, (mislabelled.columns + 1) % 3)

    trained = train(validation=contrary, patience=4)

    best = best_epoch(trained.history)
    assert len(trained.history) == best + 4
    measured = trained.model.test_on_batch(contrary.features.astype(np.float32), contrary.columns, return_dict=True)
    assert float(measured["loss"]) == pytest.approx(trained.history[best - 1]["val_loss"], rel=1e-4)


def test_without_patience_every_epoch_is_trained() -> None:
    assert len(train(patience=None, epochs=7).history) == 7


@pytest.mark.parametrize("batch_size", [20, 1024])
def test_the_same_seed_gives_the_same_head(batch_size: int) -> None:
    one, two = (train(batch_size=batch_size, epochs=3) for _ in range(2))

    assert one.history == two.history


def test_batches_and_sgd_learn_too() -> None:
    trained = train(keras.optimizers.SGD(0.5), batch_size=16)

    assert max(epoch["val_accuracy"] for epoch in trained.history) > 0.9
