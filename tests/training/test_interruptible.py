"""Ctrl-C while Keras trains."""

import signal
from typing import Any

import keras
import numpy as np
import pytest

from training.interruptible import interruptible

pytestmark = pytest.mark.keras


def train(*callbacks: Any) -> None:
    model = keras.Sequential([keras.layers.Input((2,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    model.fit(np.zeros((8, 2)), np.zeros((8, 1)), batch_size=2, epochs=3, callbacks=list(callbacks), verbose=0)


class Presses(keras.callbacks.Callback):  # type: ignore[misc]  # Keras is untyped
    """Presses Ctrl-C in each of the first batches and counts them all."""

    def __init__(self, times: int = 1) -> None:
        super().__init__()
        self.times, self.batches = times, 0

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        self.batches += 1
        if self.batches <= self.times:
            signal.raise_signal(signal.SIGINT)


def test_training_ends_after_the_batch_at_hand_and_python_hears_signals_again() -> None:
    presses = Presses()
    before = signal.getsignal(signal.SIGINT)

    with pytest.raises(KeyboardInterrupt), interruptible() as ctrl_c:
        train(presses, ctrl_c)

    assert presses.batches == 1
    assert signal.getsignal(signal.SIGINT) is before


def test_a_second_ctrl_c_does_not_wait() -> None:
    batches = Presses(2)

    with pytest.raises(KeyboardInterrupt), interruptible():
        train(batches)

    assert batches.batches == 2


def test_one_that_came_after_the_last_batch_is_not_forgotten() -> None:
    with pytest.raises(KeyboardInterrupt), interruptible():
        signal.raise_signal(signal.SIGINT)
