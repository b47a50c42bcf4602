"""What a view is made of, and what it is made from."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import unescape
from typing import Protocol

from bot.callback_data import Action, CallbackData

LIMIT_LABEL = 40
_TAG = re.compile(r"</?[a-z][^>]*>")


@dataclass(frozen=True, slots=True)
class Button:
    """An inline button.

    Attributes:
        text: the label, plain text.
        data: callback data, at most 64 bytes.
    """

    text: str
    data: str


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


class Answered(Protocol):
    """The part of a stored prediction that a view needs; ``db``'s PredictionRecord fits."""

    @property
    def kind(self) -> str:
        """``breed``, ``unsure`` or ``not_a_dog``: a value of `inference.prediction.Kind`."""

    @property
    def top(self) -> Sequence[tuple[str, float]]:
        """Breed slugs and confidences 0–1, best first, never ``not_a_dog``."""

    @property
    def not_a_dog(self) -> float:
        """Probability that there is no dog, 0–1."""

    @property
    def token(self) -> str:
        """Stands for the prediction in callback data; 12 url-safe characters."""


def button(text: str, action: Action, prediction: Answered, breed: str | None = None) -> Button:
    """A button about one prediction; a long label is cut, as two of them share the width of a phone."""
    label = text if len(text) <= LIMIT_LABEL else f"{text[: LIMIT_LABEL - 1].rstrip()}…"
    return Button(label, CallbackData(action, prediction.token, breed).encode())
