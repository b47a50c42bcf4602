"""Replies to everything that is not a photo."""

from enum import StrEnum

from bot.telegram.message import View
from bot.texts import say


class Notice(StrEnum):
    """What came instead of a photo."""

    TEXT = "text"
    UNKNOWN_COMMAND = "unknown-command"
    DOCUMENT = "document"
    VOICE = "voice"
    AUDIO = "audio"
    STICKER = "sticker"
    CONTACT = "contact"
    LOCATION = "location"
    POLL = "poll"
    OTHER = "other"
    REVIEW_PRIVATE = "review-private"
    BREED_OF_WHAT = "breed-of-what"
    AS_YOURSELF = "as-yourself"


def notice(what: Notice, language: str) -> View:
    """What we cannot do with it, and what to send instead."""
    return View(say(language, f"notice-{what}"))
