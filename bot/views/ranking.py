"""Breeds with their confidences, as bars."""

from collections.abc import Iterable

from bot.texts import Html, Percent, say
from bot.views.breed_name import breed_name

CELLS = 8


def ranking(scores: Iterable[tuple[str, float]], language: str) -> Html:
    """One line a breed: ``▰▰▰▰▰▱▱▱ 62% Beagle``."""
    return Html("\n".join(_line(breed, confidence, language) for breed, confidence in scores))


def _line(breed: str, confidence: float, language: str) -> Html:
    filled = max(1, round(min(1.0, max(0.0, confidence)) * CELLS))
    bar = "▰" * filled + "▱" * (CELLS - filled)
    return say(language, "answer-bar", bar=bar, confidence=Percent(confidence), breed=breed_name(breed, language))
