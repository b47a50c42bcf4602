"""Which card each moderator has before them: two of them get different ones, and a typed name finds its card again.

Kept in memory only. After a restart the worst is that two moderators see the same claim, which is answered calmly, or
that a card appears as a new message.
"""

from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic
from typing import NamedTuple

LOOKED_AT_S = 180.0  # then the moderator has gone for coffee, and others may have the claim


class Place(NamedTuple):
    """A message."""

    chat_id: int
    message_id: int


@dataclass(frozen=True, slots=True)
class OnDesk:
    """A card. ``event_id``: the claim, None when nothing waited; ``heat``: the label whose evidence it shows."""

    place: Place
    event_id: int | None
    heat: str | None
    since: float


class OpenCards:
    """One card a moderator."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._cards: dict[int, OnDesk] = {}

    def put(self, moderator_id: int, place: Place, event_id: int | None, heat: str | None = None) -> None:
        """This is what the moderator looks at now."""
        self._cards[moderator_id] = OnDesk(place, event_id, heat, self._clock())

    def card(self, moderator_id: int) -> OnDesk | None:
        """What this moderator looked at last."""
        return self._cards.get(moderator_id)

    def heat(self, moderator_id: int, event_id: int) -> str | None:
        """The label whose evidence the moderator's card of this claim shows, if it does."""
        card = self._cards.get(moderator_id)
        return card.heat if card is not None and card.event_id == event_id else None

    def of_others(self, moderator_id: int) -> frozenset[int]:
        """The claims that other moderators look at."""
        since = self._clock() - LOOKED_AT_S
        cards = (card for owner, card in self._cards.items() if owner != moderator_id and card.since > since)
        return frozenset(card.event_id for card in cards if card.event_id is not None)
