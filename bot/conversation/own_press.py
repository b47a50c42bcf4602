"""What a button carries that concerns the one who presses it: a version, ``own``, an action, that person's id, and
perhaps a choice.

In a group everybody can tap it; the id says for whom it is meant, so that nobody deletes their data by a slip.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Self

from bot.conversation.answer_press import LIMIT_BYTES, VERSION, BadCallback

BEGIN: Final = f"{VERSION}:own:"
_FORM = re.compile(
    rf"{BEGIN}(?P<action>[a-z]+):(?P<user>[1-9][0-9]{{0,18}})(?::(?P<choice>[a-zA-Z0-9_]{{1,16}}))?", re.ASCII
)


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
_ACTIONS = frozenset(action.value for action in OwnAction)


@dataclass(frozen=True, slots=True)
class OwnPress:
    """One press; ``user_id``: whose button it is.

    Raises:
        BadCallback: on creation, if a choice is missing, or does not go with the action.
    """

    action: OwnAction
    user_id: int
    choice: str | None = None

    def __post_init__(self) -> None:
        if (self.choice is not None) != (self.action in WITH_CHOICE):
            raise BadCallback(f"choice {self.choice!r} does not go with action {self.action.value!r}")

    def encode(self) -> str:
        """Write the data as ASCII, at most 64 bytes: ``1:own:lang:4711:fr``."""
        return ":".join([f"{BEGIN}{self.action}", str(self.user_id), *([self.choice] if self.choice else [])])

    @classmethod
    def parse(cls, data: str) -> Self:
        """Read what `encode` wrote.

        Raises:
            BadCallback: this version never wrote such a string.
        """
        form = _FORM.fullmatch(data)
        if form is None or form["action"] not in _ACTIONS:
            raise BadCallback(f"callback data {data[:LIMIT_BYTES]!r} was not written by version {VERSION}")
        return cls(OwnAction(form["action"]), int(form["user"]), form["choice"])
