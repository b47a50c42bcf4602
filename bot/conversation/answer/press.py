"""The buttons under an answer. The token in them is resolved in the database; who may press is decided there."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from bot.conversation.callback import Press, Slug, Token
from core.breeds.catalogue import catalogue


class Action(StrEnum):
    """What a press asks for; `bot/conversation/answer/buttons.py` says what each of them does."""

    CONFIRM = "ok"
    WRONG = "no"
    PICK = "pick"
    SEARCH = "find"
    SUGGEST = "sug"
    NOT_A_DOG = "nodog"
    DONT_KNOW = "idk"
    BACK = "back"
    CHANGE = "chg"
    MORE = "more"  # the best breeds as bars
    ABOUT = "info"  # what there is to know about the breed
    COMPARE = "vs"  # what tells its two best breeds apart
    SHOW = "one"  # this dog of several
    ALBUM = "all"  # the whole album, or all dogs of a photo
    BOXES = "box"  # the photo with its dogs numbered
    THERE = "there"  # the way back to it, from the history
    WHY = "why"  # the heat map
    WHY_OF = "of"  # …of another breed, in the same message
    WHY_NOT = "not"  # …of another breed against the answer, there, too


WITH_BREED: Final = frozenset({Action.PICK, Action.WHY_OF, Action.WHY_NOT})


@dataclass(frozen=True, slots=True)
class AnswerPress(Press):
    """``1:pick:Zm9vYmFyYmF6:beagle``. A breed of the catalogue goes with those of `WITH_BREED` only."""

    action: Action
    token: Token
    breed: Slug | None = None

    def _fits(self) -> bool:
        return self.breed in catalogue() if self.action in WITH_BREED else self.breed is None
