"""Breeds with their confidences, as bars."""

from collections.abc import Iterable

from bot.conversation.breeds.breed_name import breed_name
from bot.texts import Html, Percent, say

CELLS = 8
FIGURE_SPACE = "\u2007"  # as wide as a digit, also where letters differ in width


def ranking(scores: Iterable[tuple[str, float]], language: str) -> Html:
    """One line a breed: ``▰▰▰▰▰▱▱▱ 62% Beagle``. Plain text: as code, Telegram would show the bars half as large."""
    return Html("\n".join(_line(breed, confidence, language) for breed, confidence in scores))


def _line(breed: str, confidence: float, language: str) -> Html:
    filled = max(1, round(min(1.0, max(0.0, confidence)) * CELLS))
    indent = FIGURE_SPACE if round(confidence * 100) < 10 else ""
    bar = Html("▰" * filled + "▱" * (CELLS - filled) + indent)
    return say(language, "answer-bar", bar=bar, confidence=Percent(confidence), breed=breed_name(breed, language))
