"""A head trained on stored features: an epoch takes milliseconds, so nothing of it needs to survive a kill."""

from collections.abc import Iterator
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from training.studies.reference.checkpoint import Epoch, best_epoch


@dataclass(frozen=True, slots=True)
class Examples:
    """What a head learns from.

    Attributes:
        features: float [N, D].
        columns: int [N], which output is right.
    """

    features: NDArray[np.floating]
    columns: NDArray[np.integer]


@dataclass(frozen=True, slots=True)
class Trained:
    """A training run that has ended.

    Attributes:
        model: with the weights of its best epoch.
        history: loss and accuracy of each epoch, on the training and the validation photos.
        seconds: from compiling to the last epoch.
    """

    model: Any
    history: list[Epoch]
    seconds: float


def train_head(
    model: Any,
    optimizer: Any,
    train: Examples,
    validation: Examples,
    *,
    batch_size: int,
    epochs: int,
    patience: int | None,
    seed: int,
) -> Trained:
    """Train until the validation loss stops falling; the best epoch's weights win.

    ``Model.fit`` prepares iterators and callbacks anew for each epoch, which took ten times as long as the epoch itself
    for the study's 500 photos; hence its two steps without the rest.

    Args:
        model: Keras, features float32 [N, D] → probabilities float32 [N, classes].
        optimizer: Keras, fresh.
        train: to learn from.
        validation: to stop by.
        batch_size: as many photos or more make each epoch one step.
        epochs: at most.
        patience: epochs without a lower validation loss; None trains to the end.
        seed: shuffles.
    """
    started = perf_counter()
    # Compiling by XLA takes longer than the whole training.
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"], jit_compile=False)
    held_back = (_tensor(validation.features), validation.columns)
    rng = np.random.default_rng(seed)
    history: list[Epoch] = []
    best: list[NDArray[np.float32]] = []
    for batches in _epochs(train, batch_size, epochs, rng):
        model.reset_metrics()
        epoch = _last([model.train_on_batch(*batch, return_dict=True) for batch in batches])
        model.reset_metrics()
        measured = _last([model.test_on_batch(*held_back, return_dict=True)])
        history.append({**epoch, **{f"val_{key}": value for key, value in measured.items()}})
        since_best = len(history) - best_epoch(history)
        if since_best == 0:
            best = model.get_weights()
        elif patience is not None and since_best >= patience:
            break
    model.set_weights(best)
    return Trained(model, history, perf_counter() - started)


def _epochs(
    examples: Examples, size: int, count: int, rng: np.random.Generator
) -> Iterator[list[tuple[Any, NDArray[np.integer]]]]:
    """Batches of one size, for each other size is compiled anew; the odd photos wait for another epoch's shuffle."""
    photos = len(examples.columns)
    if size >= photos:
        everything = [(_tensor(examples.features), examples.columns)]
        yield from (everything for _ in range(count))
        return
    for _ in range(count):
        order = rng.permutation(photos)[: photos - photos % size]
        parts = np.split(order, len(order) // size)
        yield [(np.asarray(examples.features[part], np.float32), examples.columns[part]) for part in parts]


def _tensor(features: NDArray[np.floating]) -> Any:
    return keras.ops.convert_to_tensor(np.asarray(features, np.float32))


def _last(logs: list[dict[str, Any]]) -> dict[str, float]:
    """Keras' logs are means over all batches since the metrics were reset."""
    return {key: float(value) for key, value in logs[-1].items()}
