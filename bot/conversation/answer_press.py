"""What a button under an answer carries: a version, an action, the token of a prediction and perhaps a breed.

Telegram limits it to 1–64 bytes (https://core.telegram.org/bots/api#inlinekeyboardbutton) and hands back whatever a
client sends, so a string is only believed if this version could have written it. The token says nothing by itself: it
is resolved in the database, and who may press is decided there. Buttons about something else than an answer have forms
of their own, which no token fits: `review_press.py` for moderators, `own_press.py` for what concerns oneself,
`bot/conversation/catalogue_press.py` for the list of breeds.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Self

from core.breeds.catalogue import catalogue

LIMIT_BYTES = 64
VERSION = "1"

_TOKEN = re.compile(r"[A-Za-z0-9_-]{12}")
_FORM = re.compile(rf"{VERSION}:(?P<action>[a-z]+):(?P<token>{_TOKEN.pattern})(?::(?P<breed>[a-z0-9_]+))?")


class BadCallback(ValueError):
    """The data of a pressed button is not ours: forged, damaged or of another version."""


class Action(StrEnum):
    """What a press asks for."""

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
    SHOW = "one"  # this photo of an album
    ALBUM = "all"  # the whole album
    WHY = "why"  # the heat map
    WHY_OF = "of"  # …of another breed, in the same message


WITH_BREED: Final = frozenset({Action.PICK, Action.WHY_OF})
_ACTIONS = frozenset(action.value for action in Action)


@dataclass(frozen=True, slots=True)
class CallbackData:
    """One button press. A breed slug of the catalogue goes with PICK and WHY_OF, and with nothing else.

    Raises:
        BadCallback: on creation, if the parts do not belong together.
    """

    action: Action
    token: str
    breed: str | None = None

    def __post_init__(self) -> None:
        if not _TOKEN.fullmatch(self.token):
            raise BadCallback(f"token {self.token[:20]!r} is not 12 url-safe characters")
        if (self.breed is not None) != (self.action in WITH_BREED):
            raise BadCallback(f"breed {self.breed!r} does not go with action {self.action.value!r}")
        if self.breed is not None and self.breed not in catalogue():
            raise BadCallback(f"breed {self.breed[:40]!r} is not in the catalogue")

    def encode(self) -> str:
        """Write the data as ASCII, at most 64 bytes: ``1:pick:Zm9vYmFyYmF6:beagle``."""
        return ":".join([VERSION, self.action, self.token, *([self.breed] if self.breed else [])])

    @classmethod
    def parse(cls, data: str) -> Self:
        """Read what `encode` wrote.

        Raises:
            BadCallback: this version never wrote such a string.
        """
        form = _FORM.fullmatch(data)
        if form is None or form["action"] not in _ACTIONS:
            raise BadCallback(f"callback data {data[:LIMIT_BYTES]!r} was not written by version {VERSION}")
        return cls(Action(form["action"]), form["token"], form["breed"])
