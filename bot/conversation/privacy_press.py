"""What a button about one's privacy carries: a version, ``may``, a word, that person's id and perhaps a token.

With a token the button stands under an answer, which stays there; without one, under /privacy.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Self

from bot.conversation.answer_press import LIMIT_BYTES, VERSION, BadCallback

BEGIN: Final = f"{VERSION}:may:"
_FORM = re.compile(
    rf"{BEGIN}(?P<word>[a-z]+):(?P<user>[1-9][0-9]{{0,18}})(?::(?P<token>[A-Za-z0-9_-]{{12}}))?", re.ASCII
)


class Word(StrEnum):
    """What a press says."""

    YES = "yes"
    NO = "no"
    DATA = "data"
    FORGET = "forget"


UNDER_ANSWERS: Final = frozenset({Word.YES, Word.NO})
_WORDS = frozenset(word.value for word in Word)


@dataclass(frozen=True, slots=True)
class PrivacyPress:
    """One press; ``user_id``: whose button it is.

    Raises:
        BadCallback: on creation, if the word does not stand under answers.
    """

    word: Word
    user_id: int
    token: str | None = None

    def __post_init__(self) -> None:
        if self.token is not None and self.word not in UNDER_ANSWERS:
            raise BadCallback(f"{self.word.value!r} does not stand under an answer")

    def encode(self) -> str:
        """Write the data as ASCII, at most 64 bytes: ``1:may:yes:4711:Zm9vYmFyYmF6``."""
        return ":".join([f"{BEGIN}{self.word}", str(self.user_id), *([self.token] if self.token else [])])

    @classmethod
    def parse(cls, data: str) -> Self:
        """Read what `encode` wrote.

        Raises:
            BadCallback: this version never wrote such a string.
        """
        form = _FORM.fullmatch(data)
        if form is None or form["word"] not in _WORDS:
            raise BadCallback(f"callback data {data[:LIMIT_BYTES]!r} was not written by version {VERSION}")
        return cls(Word(form["word"]), int(form["user"]), form["token"])
