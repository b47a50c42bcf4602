"""How fast photos are being answered, and so how long a place in the queue means waiting."""

from collections import deque
from collections.abc import Callable
from time import monotonic

FIRST_GUESS_S = 0.2
TRUST = 4  # so many results does the guess count for
KEPT = 64  # results come by the batch: fewer would make the number jump


class Throughput:
    """The mean time between the last results, as far as there was work all the time."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._pauses_s: deque[float] = deque(maxlen=KEPT)
        self._last: float | None = None

    def beat(self, *, busy: bool) -> None:
        """A result has come. `busy`: others wait, so that the time until the next one says how fast we are."""
        now = self._clock()
        if self._last is not None:
            self._pauses_s.append(now - self._last)
        self._last = now if busy else None

    def wait_s(self, position: int) -> float:
        """Seconds until the photo at this place (1 = next) has its result."""
        per_photo_s = (TRUST * FIRST_GUESS_S + sum(self._pauses_s)) / (TRUST + len(self._pauses_s))
        return max(1, position) * per_photo_s
