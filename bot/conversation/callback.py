"""What a button carries, by one declarative codec for all of them, and the short words that a press may get.

A family of buttons is a frozen dataclass; the types of its fields say what they may hold::

    @dataclass(frozen=True, slots=True)
    class PagePress(Press):
        FAMILY = "page"
        action: PageAction
        user_id: UserId
        page: Page | None = None

``PagePress(PageAction.TURN, 4711, 2)`` is written as ``1:page:turn:4711:2``, where 1 is the version. Telegram limits it
to 1–64 bytes (https://core.telegram.org/bots/api#inlinekeyboardbutton) and hands back whatever a client sends, so a
string is only believed if this version could have written it. Buttons stay in people's chats for years: a family may
learn new actions, but what it once wrote it goes on reading.
"""

import re
from dataclasses import dataclass, field, fields
from enum import StrEnum
from math import ceil
from types import NoneType
from typing import Annotated, Any, ClassVar, Final, Self, get_args, get_type_hints

from bot.telegram.message import LIMIT_LABEL, Button
from bot.texts import say_plain, shortened

VERSION: Final = "1"
LIMIT_BYTES: Final = 64
ANYBODY: Final = 0

# What a field may hold: its type, and the form in which it is written.
Token = Annotated[str, r"[A-Za-z0-9_-]{12}"]  # of a prediction; says nothing by itself
Slug = Annotated[str, r"[a-z0-9_]+"]
UserId = Annotated[int, r"[1-9][0-9]{0,18}"]


class Toast(StrEnum):
    """What a press led to, where the message itself does not show it.

    Each is a sentence of at most 200 characters (https://core.telegram.org/bots/api#answercallbackquery).
    """

    THANKS = "thanks"
    NOTED = "noted"
    NOT_YOURS = "not-yours"
    EXPIRED = "expired"
    MALFORMED = "malformed"
    TRY_AGAIN = "try-again"
    TYPE_IT_AGAIN = "type-it-again"
    NOT_FOR_YOU = "not-for-you"
    MODERATORS_ONLY = "moderators-only"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    SKIPPED = "skipped"
    REOPENED = "reopened"
    DECIDED_ALREADY = "decided-already"
    CLAIM_GONE = "claim-gone"
    NOT_UNDONE = "not-undone"
    WHICH_BREED = "which-breed"
    NO_HEAT = "no-heat"
    NO_CONSOLE = "no-console"
    CONSENT_GIVEN = "consent-given"
    CONSENT_REFUSED = "consent-refused"
    BANNED = "banned"
    HEAT_ABOVE = "heat-above"
    PHOTO_GONE = "photo-gone"
    PHOTO_DELETED = "photo-deleted"
    OLD_LIST = "old-list"


class BadCallback(ValueError):
    """The data of a pressed button is not ours: forged, damaged or of another version."""


@dataclass(frozen=True, slots=True)
class Press:
    """One press of a button. Fields with a default of None may be left out, from the last one on.

    A field called `user_id` says whose button it is; nobody else may press it, unless it is `ANYBODY`'s.

    Attributes:
        FAMILY: stands in the data; one family has no name.
        MISREAD: the word for who presses one that this version cannot have written.
        data: as it is written: ASCII, at most 64 bytes.

    Raises:
        BadCallback: on creation, if the parts have not the form that `parse` reads, or do not belong together.
    """

    FAMILY: ClassVar[str] = ""
    MISREAD: ClassVar[Toast] = Toast.MALFORMED
    action: StrEnum
    data: str = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        layout = _LAYOUTS[type(self)]
        parts = (getattr(self, part.name) for part in fields(self) if part.init)
        data = layout.begin + ":".join(str(part) for part in parts if part is not None)
        if len(data) > LIMIT_BYTES or not layout.form.fullmatch(data) or not self._fits():
            raise BadCallback(f"{data[:LIMIT_BYTES]!r}: these parts do not belong together")
        object.__setattr__(self, "data", data)

    def _fits(self) -> bool:
        """Whether parts that have the right form belong together."""
        return True

    def is_for(self, user_id: int) -> bool:
        """Whether this person may press it, as far as the button itself says."""
        return getattr(self, "user_id", ANYBODY) in {ANYBODY, user_id}

    def button(self, label: str) -> Button:
        """A button that is this press."""
        return Button(shortened(label, LIMIT_LABEL), self.data)

    @classmethod
    def parse(cls, data: str) -> Self:
        """Read what was written as `data`.

        Raises:
            BadCallback: this version never wrote such a string.
        """
        layout = _LAYOUTS[cls]
        form = layout.form.fullmatch(data)
        if form is None:
            raise BadCallback(f"callback data {data[:LIMIT_BYTES]!r} was not written by version {VERSION}")
        return cls(**{name: layout.types[name](part) for name, part in form.groupdict().items() if part is not None})


@dataclass(frozen=True, slots=True)
class _Layout:
    """``1:own:``; ``1:own:(?P<action>forget|keep):(?P<user_id>[1-9][0-9]{0,18})(?::(?P<choice>…))?``; fields' types."""

    begin: str
    form: re.Pattern[str]
    types: dict[str, Any]


class _Layouts(dict[type[Press], _Layout]):
    """Of each family, worked out once."""

    def __missing__(self, press: type[Press]) -> _Layout:
        hints = get_type_hints(press, include_extras=True)
        begin = f"{VERSION}:{press.FAMILY}:" if press.FAMILY else f"{VERSION}:"
        form, types = "", {}
        for one in reversed([one for one in fields(press) if one.init]):
            types[one.name], written = _type(hints[one.name])
            part = f"(?P<{one.name}>{written}){form}"
            form = f"(?::{part})?" if one.default is None else f":{part}"
        self[press] = _Layout(begin, re.compile(begin + form.removeprefix(":"), re.ASCII), types)
        return self[press]


_LAYOUTS = _Layouts()


def wait(wait_s: float, language: str) -> str:
    """Too many at once: come back in so many seconds."""
    return say_plain(language, "wait-seconds", count=max(1, ceil(wait_s)))


def _type(hint: Any) -> tuple[Any, str]:
    """The type of a field, and the form in which it is written."""
    hint = next((one for one in get_args(hint) if NoneType in get_args(hint) and one is not NoneType), hint)
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return hint, "|".join(hint)
    kind, form = get_args(hint)
    return kind, form
