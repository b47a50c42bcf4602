"""Ctrl-C and SIGTERM: the first one asks for a stop in good order, the second one ends the process at once."""

import asyncio
import os
import signal
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

FORCED = 130  # what shells report for a program that ended by Ctrl-C

T = TypeVar("T")


class StoppedEarly(Exception):
    """The signal came while something was waited for that the program cannot begin without."""


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


async def unless_stopped(stop: asyncio.Event, coming: Coroutine[Any, Any, T]) -> T:
    """Wait for it, as long as nobody asks for a stop. Raises: StoppedEarly."""
    waiting, stopped = asyncio.ensure_future(coming), asyncio.ensure_future(stop.wait())
    try:
        await asyncio.wait((waiting, stopped), return_when=asyncio.FIRST_COMPLETED)
        if waiting.done():
            return waiting.result()
        raise StoppedEarly
    finally:
        waiting.cancel()
        stopped.cancel()
        await asyncio.wait((waiting, stopped))
