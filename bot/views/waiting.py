"""Words for the time until an answer."""

from math import ceil

from babel.units import format_unit

from bot.texts import Html, languages, say
from bot.views.view import View


def queue_position(position: int, wait_s: float, language: str) -> View:
    """How many photos until this one (1 = next), and about how long that takes."""
    if position <= 1:
        return View(say(language, "queue-next", wait=_duration(wait_s, language)))
    return View(say(language, "queue-position", position=position, wait=_duration(wait_s, language)))


def still_working(language: str) -> View:
    """Takes longer than announced, and is not forgotten."""
    return View(say(language, "queue-still-working"))


def several_photos(count: int, language: str) -> View:
    """Several photos came at once: each gets its answer."""
    return View(say(language, "queue-several-photos", count=count))


def _duration(wait_s: float, language: str) -> Html:
    """Rounded up, since a wait that ends early disappoints nobody: ``5 s``, ``20 s``, ``3 min``."""
    locale = language if language in languages() else "en"
    seconds = max(1, ceil(wait_s))
    if seconds > 10:
        seconds = ceil(seconds / 10) * 10
    amount, unit = (seconds, "second") if seconds < 90 else (ceil(seconds / 60), "minute")
    return Html(format_unit(amount, unit, length="narrow", locale=locale))
