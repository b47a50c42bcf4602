"""How often somebody may try to log in. Tokens cannot be guessed; this keeps those who try from keeping us busy."""

import ipaddress
from collections.abc import Callable
from time import monotonic
from typing import Final

from aiohttp import web

from bot.moving_window import MovingWindows

TRIES: Final = 10
WINDOW_S: Final = 60.0


class LoginPace:
    """At most `TRIES` within `WINDOW_S` from one address; what it remembers is bounded."""

    def __init__(self, now_s: Callable[[], float] = monotonic) -> None:
        """`now_s`: a clock in seconds."""
        self._tries = MovingWindows(TRIES, WINDOW_S, now_s)

    def wait_s(self, address: str) -> float:
        """Count a try from there: 0 = go on, else seconds to wait, and the try does not count."""
        if wait_s := self._tries.wait_s(address):
            return wait_s
        self._tries.take(address)
        return 0.0


def address_of(request: web.Request) -> str:
    """Where a request comes from: what a proxy of ours says, else the other end of the connection."""
    peer = request.remote or ""
    forwarded = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
    return forwarded[:64] if forwarded and _is_near(peer) else peer


def _is_near(address: str) -> bool:
    """Whether a proxy could be there: on this machine, or in its private network."""
    try:
        return ipaddress.ip_address(address).is_private
    except ValueError:
        return False
