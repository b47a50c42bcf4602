"""Ctrl-C while Keras trains, heard between two batches.

Python raises KeyboardInterrupt wherever its main thread happens to be. Inside a finaliser, of which TensorFlow has
many, it is printed as ignored and lost: of three trainings that were interrupted, two went on to their end.
"""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

import keras


@contextmanager
def interruptible() -> Iterator[Any]:
    """Keras callbacks for a `fit` inside the block: the first Ctrl-C ends it after the batch at hand, a second at once.

    Outside the main thread, which alone hears signals, the callback does nothing.
    """
    asked = threading.Event()

    def hear(number: int, frame: FrameType | None) -> None:
        if asked.is_set():
            signal.default_int_handler(number, frame)
        asked.set()

    def obey(*_: object) -> None:
        if asked.is_set():
            raise KeyboardInterrupt

    between_batches = keras.callbacks.LambdaCallback(
        on_train_batch_end=lambda batch, logs: obey(),  # noqa: ARG005 (Keras names them)
        on_epoch_end=lambda epoch, logs: obey(),  # noqa: ARG005
    )
    if threading.current_thread() is not threading.main_thread():
        yield between_batches
        return
    before = signal.signal(signal.SIGINT, hear)
    try:
        yield between_batches
        obey()
    finally:
        signal.signal(signal.SIGINT, before)
