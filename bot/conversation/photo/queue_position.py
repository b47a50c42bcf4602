"""The time until an answer."""

from bot.telegram.message import View
from bot.texts import duration, say


def queue_position(position: int, wait_s: float, language: str) -> View:
    """How many photos until this one (1 = next), and about how long that takes."""
    wait = duration(wait_s, language)
    if position <= 1:
        return View(say(language, "queue-next", wait=wait))
    return View(say(language, "queue-position", position=position, wait=wait))
