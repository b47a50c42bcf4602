"""Whatever a kill leaves behind, training goes on from the last whole epoch, with the optimizer's state."""

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from training.studies.reference.checkpoint import Checkpoint, best_epoch

pytestmark = [pytest.mark.keras, pytest.mark.slow]

RNG = np.random.default_rng(1)
INPUTS, TARGETS = RNG.normal(size=(9, 4, 3)).astype(np.float32), RNG.normal(size=(9, 4, 2)).astype(np.float32)


def compiled() -> Any:
    keras.utils.set_random_seed(1)
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
    model.compile(keras.optimizers.Adam(0.1), "mse")
    return model


def trained(steps: int) -> Any:
    model = compiled()
    for step in range(steps):
        model.train_on_batch(INPUTS[step], TARGETS[step])
    return model


def weights(model: Any) -> list[Any]:
    return [array.tolist() for array in model.get_weights()]


def test_the_best_epoch_is_the_first_with_the_least_validation_loss() -> None:
    assert best_epoch([{"val_loss": loss} for loss in (3.0, 1.0, 2.0, 1.0)]) == 2


def test_a_resumed_model_goes_on_exactly_as_an_uninterrupted_one(tmp_path: Path) -> None:
    Checkpoint(tmp_path).keep(trained(3), {"val_loss": 1.0})
    resumed = compiled()

    found = Checkpoint(tmp_path)
    found.resume(resumed)
    resumed.train_on_batch(INPUTS[3], TARGETS[3])

    assert found.history == [{"val_loss": 1.0}]
    np.testing.assert_allclose(resumed.get_weights()[0], trained(4).get_weights()[0], rtol=1e-5)


def test_only_the_latest_and_the_best_weights_are_kept(tmp_path: Path) -> None:
    checkpoint, model, kept = Checkpoint(tmp_path), compiled(), []
    for loss in (3.0, 1.0, 2.0, 2.5):
        model.train_on_batch(INPUTS[0], TARGETS[0])
        checkpoint.keep(model, {"val_loss": loss})
        kept.append(weights(model))

    checkpoint.restore_best(model)

    assert weights(model) == kept[1]
    assert sorted(path.name for path in tmp_path.glob("*.h5")) == ["epoch-0002.weights.h5", "epoch-0004.weights.h5"]
    assert not checkpoint.exhausted(3)
    assert checkpoint.exhausted(2)
    assert not checkpoint.exhausted(None)


def test_a_kill_between_weights_and_history_leaves_the_epoch_before(tmp_path: Path) -> None:
    checkpoint = Checkpoint(tmp_path)
    checkpoint.keep(trained(1), {"val_loss": 1.0})
    (tmp_path / "epoch-0002.weights.h5").write_bytes(b"half of it")
    (tmp_path / ".epoch-0003.weights.h5").write_bytes(b"a quarter")
    model = compiled()

    Checkpoint(tmp_path).resume(model)

    assert weights(model) == weights(trained(1))


def test_what_cannot_be_written_leaves_what_was_there(tmp_path: Path) -> None:
    checkpoint = Checkpoint(tmp_path)
    checkpoint.keep(trained(1), {"val_loss": 1.0})
    (tmp_path / "epoch-0002.weights.h5").mkdir()

    with pytest.raises(OSError, match="epoch-0002"):
        checkpoint.keep(trained(2), {"val_loss": 0.5})

    assert checkpoint.history == [{"val_loss": 1.0}] == Checkpoint(tmp_path).history


def test_nothing_kept_is_nothing_resumed_and_clearing_keeps_the_history(tmp_path: Path) -> None:
    empty, model = Checkpoint(tmp_path / "none"), compiled()
    before = weights(model)
    empty.resume(model)
    assert weights(model) == before
    assert not empty.exhausted(1)

    empty.keep(model, {"val_loss": 1.0})
    empty.clear()

    assert Checkpoint(tmp_path / "none").history == [{"val_loss": 1.0}]
    assert list((tmp_path / "none").glob("*.h5")) == []
