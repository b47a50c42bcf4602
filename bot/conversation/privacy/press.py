"""The buttons about one's privacy: with a token under an answer, which stays there; without one under /privacy."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from bot.conversation.callback import Press, Token, UserId


class PrivacyAction(StrEnum):
    """What a press says."""

    YES = "yes"
    NO = "no"
    DATA = "data"
    FORGET = "forget"


UNDER_ANSWERS: Final = frozenset({PrivacyAction.YES, PrivacyAction.NO})


@dataclass(frozen=True, slots=True)
class PrivacyPress(Press):
    """``1:may:yes:4711:Zm9vYmFyYmF6``; ``user_id``: whose button it is."""

    FAMILY = "may"
    action: PrivacyAction
    user_id: UserId
    token: Token | None = None

    def _fits(self) -> bool:
        return self.token is None or self.action in UNDER_ANSWERS
