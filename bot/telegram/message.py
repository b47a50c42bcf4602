"""What a view is made of, and what it is made from."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import unescape
from typing import Protocol

from core.prediction import Classified

LIMIT_LABEL = 40  # two of them share the width of a phone
SUPERGROUPS = 10**12  # https://core.telegram.org/api/bots/ids
_TAG = re.compile(r"</?[a-z][^>]*>")


@dataclass(frozen=True, slots=True)
class Button:
    """An inline button: one that is pressed, or one that types.

    Attributes:
        text: the label, plain text.
        data: callback data, at most 64 bytes; empty for one that types.
        share: what it types after the bot's name in a chat that the person chooses. Telegram takes such a button only
            from bots whose inline mode is on.
        find: the same in this chat.
    """

    text: str
    data: str = ""
    share: str | None = None
    find: str | None = None


@dataclass(frozen=True, slots=True)
class View:
    """A message, ready to be sent or edited in.

    Attributes:
        text: for parse_mode HTML, at most 4096 characters.
        keyboard: rows of inline buttons; empty = no keyboard (an edit removes the old one).
    """

    text: str
    keyboard: tuple[tuple[Button, ...], ...] = ()

    @property
    def plain(self) -> str:
        """The text without markup, for notifications and for a server that refuses the HTML."""
        return unescape(_TAG.sub("", self.text))


class Answered(Classified, Protocol):
    """The part of a stored prediction that a view needs; ``db``'s PredictionRecord fits."""

    @property
    def token(self) -> str:
        """Stands for the prediction in callback data; 12 url-safe characters."""


def message_link(chat_id: int, message_id: int) -> str | None:
    """An address for members of a supergroup or channel; None: a private chat's or small group's messages have none.

    https://core.telegram.org/api/links#private-message-links
    """
    return f"https://t.me/c/{-chat_id - SUPERGROUPS}/{message_id}" if chat_id < -SUPERGROUPS else None


def two_a_row(buttons: Sequence[Button]) -> tuple[tuple[Button, ...], ...]:
    """As many short labels as fit next to each other."""
    return tuple(tuple(buttons[start : start + 2]) for start in range(0, len(buttons), 2))
