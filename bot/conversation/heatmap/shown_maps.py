"""Which heat maps people have before them, and how many they asked for lately.

Kept in memory only. After a restart the worst is that a heat map is sent a second time when asked for again.
"""

from collections import OrderedDict, deque
from collections.abc import Callable
from time import monotonic
from typing import Final, NamedTuple

PER_PERSON: Final = 6
WITHIN_S: Final = 60.0  # each costs as much as an answer, and answers go first
KEPT: Final = 10_000  # maps, and people


class HeatPlace(NamedTuple):
    """A message of ours with a heat map, and the breed whose evidence it shows."""

    chat_id: int
    message_id: int
    breed: str


class ShownMaps:
    """One map an answer; so many a person and minute."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._places: OrderedDict[int, HeatPlace] = OrderedDict()  # by prediction
        self._asked: OrderedDict[int, deque[float]] = OrderedDict()  # by person

    def place(self, prediction_id: int) -> HeatPlace | None:
        """The map of this answer, if there is one."""
        return self._places.get(prediction_id)

    def put(self, prediction_id: int, place: HeatPlace) -> None:
        """There is one now."""
        self._places[prediction_id] = place
        _forget_oldest(self._places)

    def wait_s(self, user_id: int) -> float:
        """How long until this person may have another one; 0 = now."""
        asked = self._asked.get(user_id, ())
        recent = [moment for moment in asked if moment > self._clock() - WITHIN_S]
        return max(0.0, recent[-PER_PERSON] + WITHIN_S - self._clock()) if len(recent) >= PER_PERSON else 0.0

    def count(self, user_id: int) -> None:
        """This person got one."""
        self._asked.setdefault(user_id, deque(maxlen=PER_PERSON)).append(self._clock())
        self._asked.move_to_end(user_id)
        _forget_oldest(self._asked)


def _forget_oldest(kept: OrderedDict[int, HeatPlace] | OrderedDict[int, deque[float]]) -> None:
    while len(kept) > KEPT:
        kept.popitem(last=False)
