"""How fast photos are being answered, and so how long a place in the queue means waiting."""

from collections.abc import Callable
from time import monotonic

FIRST_GUESS_S = 0.2
PAUSE_S = 5.0  # a longer gap between two results says that there was nothing to do
WEIGHT = 0.1


class Tempo:
    """A moving average of the seconds between two results while there is work."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._per_photo_s = FIRST_GUESS_S
        self._last: float | None = None

    def beat(self) -> None:
        """A result has come."""
        now = self._clock()
        if self._last is not None and now - self._last < PAUSE_S:
            self._per_photo_s += WEIGHT * (now - self._last - self._per_photo_s)
        self._last = now

    def wait_s(self, position: int) -> float:
        """Seconds until the photo at this place (1 = next) has its result."""
        return max(1, position) * self._per_photo_s
