"""Breeds with their confidences, as bars."""

from collections.abc import Iterable

from bot.conversation.breeds.breed_name import breed_name
from bot.texts import Html, Percent, say

CELLS = 6
EIGHTHS = " ▏▎▍▌▋▊▉█"  # of a cell: 48 steps of 2 % in the width of six letters
FIGURE_SPACE = "\u2007"  # as wide as a digit, also where letters differ in width


def ranking(scores: Iterable[tuple[str, float]], language: str) -> Html:
    """One line a breed: ``███▊░░ 62% Beagle``. Plain text: as code, Telegram would show the bars half as large."""
    return Html("\n".join(_line(breed, confidence, language) for breed, confidence in scores))


def _line(breed: str, confidence: float, language: str) -> Html:
    indent = FIGURE_SPACE if round(confidence * 100) < 10 else ""
    bar = Html(_bar(min(1.0, max(0.0, confidence))) + indent)
    return say(language, "answer-bar", bar=bar, confidence=Percent(confidence), breed=breed_name(breed, language))


def _bar(share: float) -> str:
    whole, rest = divmod(max(1, round(share * CELLS * 8)), 8)
    filled = EIGHTHS[-1] * whole + (EIGHTHS[rest] if rest else "")
    return filled + "░" * (CELLS - len(filled))
