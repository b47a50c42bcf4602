"""The buttons that concern the one who presses. In a group everybody can tap them: the id says for whom they are meant,
so that nobody deletes their data by a slip.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Final

from bot.conversation.callback import Press, UserId

Choice = Annotated[str, r"[a-zA-Z0-9_]{1,16}"]


class OwnAction(StrEnum):
    """What a press asks for."""

    FORGET = "forget"
    KEEP = "keep"
    THANKS_OFF = "quiet"
    THANKS_ON = "loud"
    LANGUAGE = "lang"  # the choice: its code, or `AUTOMATIC`
    HISTORY = "hist"  # the choice: the page


AUTOMATIC: Final = "auto"
WITH_CHOICE: Final = frozenset({OwnAction.LANGUAGE, OwnAction.HISTORY})


@dataclass(frozen=True, slots=True)
class OwnPress(Press):
    """``1:own:lang:4711:fr``; ``user_id``: whose button it is."""

    FAMILY = "own"
    action: OwnAction
    user_id: UserId
    choice: Choice | None = None

    def _fits(self) -> bool:
        return (self.choice is not None) == (self.action in WITH_CHOICE)
