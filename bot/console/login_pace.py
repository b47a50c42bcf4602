"""How often somebody may try to log in. Tokens cannot be guessed; this keeps those who try from keeping us busy."""

import ipaddress
from collections.abc import Callable, Sequence
from time import monotonic
from typing import Final

from aiohttp import web

from bot.moving_window import MovingWindows
from bot.settings import Network

TRIES: Final = 10
WINDOW_S: Final = 60.0
ADDRESS_LENGTH: Final = 64


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


def address_of(request: web.Request, proxies: Sequence[Network] = ()) -> str:
    """Where a request comes from: the other end of the connection, or where proxies of ours say that it comes from.

    Each proxy adds the address that it sees at the end, so the last one that is no proxy of ours is meant; what stands
    before it anybody may have written.
    """
    address = request.remote or ""
    told = ",".join(request.headers.getall("X-Forwarded-For", ())).split(",")
    while told and _within(address, proxies):
        address = told.pop().strip()[:ADDRESS_LENGTH] or address
    return address


def _within(address: str, networks: Sequence[Network]) -> bool:
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    mapped = getattr(found, "ipv4_mapped", None)  # how a socket for both kinds shows IPv4
    return any((mapped or found) in network for network in networks)
