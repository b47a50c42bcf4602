"""So many within so long, exactly: a bucket that leaks would let nearly twice as many through."""

from collections import deque
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from time import monotonic

from cachetools import LRUCache

KEPT = 10_000  # people, chats or addresses


@dataclass(slots=True)
class MovingWindow:
    """At most `count` within any `span_s`."""

    count: int
    span_s: float
    taken: deque[float] = field(init=False)

    def __post_init__(self) -> None:
        self.taken = deque(maxlen=self.count)

    def free_at(self, now: float, ahead: int = 0) -> float:
        """From when on one more is within the limit, if so many others go first, each as soon as it may."""
        rounds, place = divmod(ahead, self.count)
        # What goes out now waits for the one that is `count` before it to leave the window.
        before = len(self.taken) + place - self.count
        first = max(now, self.taken[before] + self.span_s) if before >= 0 else now
        return first + rounds * self.span_s

    def take(self, at: float) -> None:
        """One more, then: not before `free_at`."""
        self.taken.append(at)


class MovingWindows:
    """A window of one's own for each of many; who was not heard of for longest is forgotten first."""

    def __init__(self, count: int, span_s: float, now_s: Callable[[], float] = monotonic) -> None:
        """`now_s`: a clock in seconds."""
        self._count, self._span_s, self._now_s = count, span_s, now_s
        self._windows: LRUCache[Hashable, MovingWindow] = LRUCache(KEPT)

    def wait_s(self, whose: Hashable) -> float:
        """How long until there may be one more; 0 = now."""
        window, now = self._windows.get(whose), self._now_s()
        return 0.0 if window is None else window.free_at(now) - now

    def take(self, whose: Hashable) -> None:
        """There is one more."""
        if (window := self._windows.get(whose)) is None:
            window = self._windows[whose] = MovingWindow(self._count, self._span_s)
        window.take(self._now_s())
