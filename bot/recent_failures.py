"""How the work went lately: what share of photos and updates failed through a fault of ours."""

from collections import deque
from collections.abc import Callable
from time import monotonic

from inference.queue.protocol import Failure
from training.learning.promotion.rollback_watch import TakenBack

OUR_FAULT = frozenset({Failure.INTERNAL, Failure.MISSING, Failure.POISON})
LIMIT = 10_000


class RecentFailures:
    """Remembers the last ones, for as long as anybody asks for."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._last: deque[tuple[float, bool]] = deque(maxlen=LIMIT)
        self.poison_photos = 0
        self.taken_back: deque[TakenBack] = deque(maxlen=10)  # that nobody was told of
        self.retention_held: str | None = None  # why nothing is erased by age; it goes on until the host says so

    def photo(self, failure: Failure | None) -> None:
        """A photo was looked at. One that cannot be read is its sender's affair."""
        self.note(failed=failure in OUR_FAULT)
        self.poison_photos += failure is Failure.POISON

    def note(self, *, failed: bool) -> None:
        """One piece of work has ended."""
        self._last.append((self._clock(), failed))

    def within(self, window_s: float) -> tuple[int, int]:
        """How many failed, and of how many."""
        since = self._clock() - window_s
        recent = [failed for moment, failed in self._last if moment >= since]
        return sum(recent), len(recent)
