"""One retrain at a time on a data folder, whatever database it writes to."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from training.learning.errors import RetrainUnderWay

FILE = "retrain.lock"


@contextmanager
def retrain_lock(folder: Path) -> Iterator[None]:
    """Hold it while the block runs; the system lets go when the process dies, however it dies.

    Raises:
        RetrainUnderWay: another process holds it.
        OSError: the folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(folder / FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise RetrainUnderWay(f"another retrain is at work in {folder}; wait until it ends") from None
        yield
    finally:
        os.close(descriptor)
