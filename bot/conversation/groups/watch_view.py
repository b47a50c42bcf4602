"""/watch: what a group's admins decided."""

from enum import StrEnum

from bot.telegram.message import View
from bot.texts import say


class Watch(StrEnum):
    """What came of it."""

    ON = "on"
    ON_BUT_BLIND = "on-but-blind"
    OFF = "off"
    IS_ON = "is-on"
    IS_OFF = "is-off"
    ADMINS_ONLY = "admins-only"
    PRIVATE = "private"


def watch_view(what: Watch, language: str) -> View:
    """The reply."""
    return View(say(language, f"watch-{what}"))
