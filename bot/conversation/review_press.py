"""What a button of a review card carries: a version, ``r``, an action, the id of a claim and perhaps a breed.

Told apart from the buttons of answers (`answer_press.py`) by the ``r``. A claim's id says nothing by itself and is
no secret: only moderators are obeyed, and who is one is asked at each press.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Self

from bot.conversation.answer_press import LIMIT_BYTES, VERSION, BadCallback
from core.breeds.catalogue import NOT_A_DOG, catalogue

BEGIN: Final = f"{VERSION}:r:"
NO_CLAIM: Final = 0  # ids begin at 1
_LAST_ID = 10**12  # 64 bytes must have room for the longest slug, and nobody reviews for that long
_FORM = re.compile(rf"{BEGIN}(?P<action>[a-z]+):(?P<event>0|[1-9][0-9]{{0,11}})(?::(?P<breed>[a-z0-9_]+))?", re.ASCII)


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
_ACTIONS = frozenset(action.value for action in ReviewAction)


@dataclass(frozen=True, slots=True)
class ReviewPress:
    """One press. PICK and HEAT name a breed or ``not_a_dog``, the others do not. NEXT and CONSOLE are about no claim.

    Raises:
        BadCallback: on creation, if the parts do not belong together.
    """

    action: ReviewAction
    event_id: int = NO_CLAIM
    breed: str | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.event_id < _LAST_ID or (self.event_id == NO_CLAIM) != (self.action in WITHOUT_CLAIM):
            raise BadCallback(f"claim {self.event_id} does not go with action {self.action.value!r}")
        if (self.breed is not None) != (self.action in WITH_BREED):
            raise BadCallback(f"breed {self.breed!r} does not go with action {self.action.value!r}")
        if self.breed is not None and self.breed != NOT_A_DOG and self.breed not in catalogue():
            raise BadCallback(f"breed {self.breed[:40]!r} is not in the catalogue")

    def encode(self) -> str:
        """Write the data as ASCII, at most 64 bytes: ``1:r:pick:4711:beagle``."""
        return ":".join([f"{BEGIN}{self.action}", str(self.event_id), *([self.breed] if self.breed else [])])

    @classmethod
    def parse(cls, data: str) -> Self:
        """Read what `encode` wrote.

        Raises:
            BadCallback: this version never wrote such a string.
        """
        form = _FORM.fullmatch(data)
        if form is None or form["action"] not in _ACTIONS:
            raise BadCallback(f"callback data {data[:LIMIT_BYTES]!r} was not written by version {VERSION}")
        return cls(ReviewAction(form["action"]), int(form["event"]), form["breed"])
