"""Words for the time until an answer."""

from math import ceil

from babel.units import format_unit

from bot.telegram.message import View
from bot.texts import Html, pick, say


def queue_position(position: int, wait_s: float, language: str) -> View:
    """How many photos until this one (1 = next), and about how long that takes."""
    wait = duration(wait_s, language)
    if position <= 1:
        return View(say(language, "queue-next", wait=wait))
    return View(say(language, "queue-position", position=position, wait=wait))


def duration(wait_s: float, language: str) -> Html:
    """Rounded up, since a wait that ends early disappoints nobody: ``5 sec``, ``20 sec``, ``3 min``."""
    seconds = max(1, ceil(wait_s))
    if seconds > 10:
        seconds = ceil(seconds / 10) * 10
    amount, unit = (seconds, "second") if seconds < 90 else (ceil(seconds / 60), "minute")
    return Html(format_unit(amount, unit, length="short", locale=pick(language, None)))
