"""How many photos the API takes: so many at once, so many bytes, and so many a minute of each token.

They wait in one line with the photos of chats: no more of them than these are ever in front of one from a chat.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus

from bot.api.refusal import Refusal, come_back
from bot.moving_window import MovingWindows

WINDOW_S = 60.0
HELD_BYTES = 64 * 2**20  # of all photos that are being received or looked at
BUSY = "Too many photos at once: try again later."


class Held:
    """One photo on its way, and how many bytes of it are in memory."""

    def __init__(self, admission: "Admission") -> None:
        self._admission = admission
        self.bytes = 0

    def more(self, size_bytes: int) -> None:
        """Of this photo so many bytes more. Raises Refusal: that would be too many with those of all others."""
        self.bytes += size_bytes
        self._admission.look_at_bytes()


class Admission:
    """Of one process; belongs to its event loop."""

    def __init__(self, at_once: int, per_minute: int, wait_s: Callable[[], float], full: Callable[[], bool]) -> None:
        """Take the bounds, and what is known of the line.

        Args:
            at_once: photos being received or looked at.
            per_minute: photos of one token; 0 = as many as it likes.
            wait_s: until all that is in the line now is through.
            full: whether the line is so long that chats are asked to come back later, too.
        """
        self._at_once = at_once
        self._windows = MovingWindows(per_minute, WINDOW_S) if per_minute else None
        self._per_minute = per_minute
        self._wait_s = wait_s
        self._full = full
        self._held: set[Held] = set()

    @property
    def under_way(self) -> int:
        """Photos being received or looked at."""
        return len(self._held)

    @contextmanager
    def admitted(self, token: str) -> Iterator[Held]:
        """While a photo is received and looked at. Raises Refusal, with the time to come back."""
        if self._windows is not None and (wait_s := self._windows.wait_s(token)):
            sentence = f"This token may send {self._per_minute} photos a minute: try again later."
            raise come_back(HTTPStatus.TOO_MANY_REQUESTS, sentence, wait_s)
        if len(self._held) >= self._at_once or self._full():
            raise self._busy()
        if self._windows is not None:
            self._windows.take(token)
        held = Held(self)
        self._held.add(held)
        try:
            yield held
        finally:
            self._held.remove(held)

    def look_at_bytes(self) -> None:
        """Raises Refusal: too many are held."""
        if sum(one.bytes for one in self._held) > HELD_BYTES:
            raise self._busy()

    def _busy(self) -> Refusal:
        return come_back(HTTPStatus.TOO_MANY_REQUESTS, BUSY, self._wait_s())
