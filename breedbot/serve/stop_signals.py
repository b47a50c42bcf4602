"""Ctrl-C and SIGTERM: the first one asks for a stop in good order, the second one ends the process at once."""

import asyncio
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager

FORCED = 130  # what shells report for a program that ended by Ctrl-C


@contextmanager
def stop_signals(stop: asyncio.Event, told: Callable[[], None]) -> Iterator[None]:
    """Set `stop` and call `told` at the first signal while the block runs; needs a running loop.

    A forced end loses nothing: all that matters was committed before anybody was told about it.
    """
    loop = asyncio.get_running_loop()

    def receive() -> None:
        if stop.is_set():
            os._exit(FORCED)
        stop.set()
        told()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, receive)
    try:
        yield
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)
