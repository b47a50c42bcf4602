"""The buttons of a review card. A claim's id is no secret: only moderators are obeyed, and who is one is asked at each
press.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Final

from bot.conversation.callback import Press, Slug
from core.breeds.catalogue import NOT_A_DOG, catalogue

NO_CLAIM: Final = 0  # ids begin at 1
Claim = Annotated[int, r"0|[1-9][0-9]{0,11}"]  # the longest slug needs the room, and nobody reviews for that long


class ReviewAction(StrEnum):
    """What a moderator asks for."""

    ACCEPT = "ok"
    REJECT = "no"
    OTHER = "else"  # which breed, then?
    PICK = "pick"
    SEARCH = "find"
    CARD = "card"  # back to it
    SKIP = "skip"
    HEAT = "heat"
    UNDO = "undo"
    NEXT = "next"
    CONSOLE = "web"


WITH_BREED: Final = frozenset({ReviewAction.PICK, ReviewAction.HEAT})
WITHOUT_CLAIM: Final = frozenset({ReviewAction.NEXT, ReviewAction.CONSOLE})


@dataclass(frozen=True, slots=True)
class ReviewPress(Press):
    """``1:r:pick:4711:beagle``. PICK and HEAT name a breed or ``not_a_dog``; NEXT and CONSOLE are about no claim."""

    FAMILY = "r"
    action: ReviewAction
    event_id: Claim = NO_CLAIM
    breed: Slug | None = None

    def _fits(self) -> bool:
        known = self.breed == NOT_A_DOG or self.breed in catalogue()
        named = known if self.action in WITH_BREED else self.breed is None
        return named and (self.event_id == NO_CLAIM) == (self.action in WITHOUT_CLAIM)
