"""Which heat maps people have before them, and how many they asked for lately.

Kept in memory only. After a restart the worst is that a heat map is sent a second time when asked for again.
"""

from collections.abc import Callable
from time import monotonic
from typing import Final, NamedTuple

from cachetools import LRUCache

from bot.moving_window import MovingWindows

PER_PERSON: Final = 6
WITHIN_S: Final = 60.0  # each costs as much as an answer, and answers go first
KEPT: Final = 10_000  # maps


class HeatPlace(NamedTuple):
    """A message of ours with a heat map, the breed whose evidence it shows, and the language in which it says so.

    ``against``: the breed that it is held against.
    """

    chat_id: int
    message_id: int
    breed: str
    language: str
    against: str | None = None


class ShownMaps:
    """One map an answer; so many a person and minute."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._places: LRUCache[int, HeatPlace] = LRUCache(KEPT)  # by prediction
        self._asked = MovingWindows(PER_PERSON, WITHIN_S, clock)

    def place(self, prediction_id: int) -> HeatPlace | None:
        """The map of this answer, if there is one."""
        return self._places.get(prediction_id)

    def put(self, prediction_id: int, place: HeatPlace) -> None:
        """There is one now."""
        self._places[prediction_id] = place

    def wait_s(self, user_id: int) -> float:
        """How long until this person may have another one; 0 = now."""
        return self._asked.wait_s(user_id)

    def count(self, user_id: int) -> None:
        """This person got one."""
        self._asked.take(user_id)
