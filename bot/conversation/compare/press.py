"""The buttons that lead to a comparison. Two slugs do not fit into 64 bytes, so a short code stands for each."""

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Annotated, Final

from bot.conversation.breeds.press import Owner
from bot.conversation.callback import Press, Toast
from core.breeds.catalogue import Edition, catalogue

Code = Annotated[str, r"[0-9a-z]{1,7}"]

_DIGITS: Final = "0123456789abcdefghijklmnopqrstuvwxyz"


class CompareAction(StrEnum):
    """What a press asks for."""

    BOTH = "c"


@dataclass(frozen=True, slots=True)
class ComparePress(Press):
    """``1:v:c:4711:1x2y3z:a1b2c3``; whose it is, is as in `BreedsPress`."""

    FAMILY = "v"
    MISREAD = Toast.OLD_LIST
    action: CompareAction
    user_id: Owner
    first: Code
    second: Code

    def _fits(self) -> bool:
        return self.first != self.second and {self.first, self.second} <= _slugs(catalogue().edition).keys()

    @property
    def breeds(self) -> tuple[str, str]:
        """The two slugs."""
        slugs = _slugs(catalogue().edition)
        return slugs[self.first], slugs[self.second]


def compare_press(one: str, other: str, user_id: int) -> ComparePress:
    """A press for two slugs of the catalogue."""
    return ComparePress(CompareAction.BOTH, user_id, breed_code(one), breed_code(other))


def breed_code(slug: str) -> str:
    """The same for good, as buttons stay in chats for years: CRC-32 in base 36."""
    number, digits = zlib.crc32(slug.encode()), ""
    while number or not digits:
        number, digit = divmod(number, len(_DIGITS))
        digits = _DIGITS[digit] + digits
    return digits


@lru_cache(maxsize=2)
def _slugs(edition: Edition) -> Mapping[str, str]:
    return {breed_code(slug): slug for slug in edition.by_slug}
