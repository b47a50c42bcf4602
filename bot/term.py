"""Until when this process may speak to Telegram: for as long as it surely leads.

A term ends by itself, by a clock that goes on while the process is stopped or the machine sleeps. Whoever was frozen
and wakes up late finds it over before a single byte is written: the check stands in the socket's own `send`.
"""

import asyncio
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, Final

from aiohappyeyeballs import AddrInfoType

FOREVER: Final = float("inf")
boottime = partial(time.clock_gettime, time.CLOCK_BOOTTIME)
"""Seconds since the machine was started, those included in which it slept."""


class TermOver(ConnectionAbortedError):
    """Another process may lead by now: nothing is sent."""


class Term:
    """Ended, until it is renewed."""

    def __init__(self, clock: Callable[[], float] = boottime) -> None:
        self._clock = clock
        self._ends_at = -FOREVER
        self._changed = asyncio.Event()
        self._introducing = False

    @property
    def left_s(self) -> float:
        """Seconds until it ends; none or less: it has ended."""
        return self._ends_at - self._clock()

    def now(self) -> float:
        """The moment from which a term reckons: taken *before* its renewal is asked for."""
        return self._clock()

    def renew(self, ends_at: float) -> None:
        """It lasts until then."""
        self._ends_at = ends_at
        self._changed.set()

    def end(self) -> None:
        """It is over now."""
        self._ends_at = -FOREVER

    def check(self) -> None:
        """Raises TermOver."""
        if self._ends_at <= self._clock() and not self._introducing:
            raise TermOver("we lead no more, or cannot know")

    async def held(self) -> None:
        """Wait until it is renewed, if it has ended."""
        while self._ends_at <= self._clock():
            self._changed.clear()
            await self._changed.wait()

    @contextmanager
    def introduction(self) -> Iterator[None]:
        """Asking who we are says nothing to anybody: every process may, inside."""
        self._introducing = True
        try:
            yield
        finally:
            self._introducing = False

    def socket(self, address: AddrInfoType) -> socket.socket:
        """For aiohttp: a socket that sends nothing once the term is over."""
        family, kind, protocol, _, _ = address
        return _Fenced(self, family, kind, protocol)


class _Fenced(socket.socket):
    def __init__(self, term: Term, family: int, kind: int, protocol: int) -> None:
        super().__init__(family, kind, protocol)
        self._term = term

    def send(self, *args: Any) -> int:
        self._term.check()
        return super().send(*args)

    def sendmsg(self, *args: Any) -> int:
        self._term.check()
        return super().sendmsg(*args)
