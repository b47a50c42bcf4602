"""Replies to everything that is not a photo."""

from enum import StrEnum

from bot.texts import say
from bot.views.view import View


class Notice(StrEnum):
    """What came instead of a photo."""

    TEXT = "text"
    UNKNOWN_COMMAND = "unknown-command"
    DOCUMENT = "document"
    VOICE = "voice"
    AUDIO = "audio"
    VIDEO = "video"
    VIDEO_NOTE = "video-note"
    ANIMATION = "animation"
    STICKER = "sticker"
    CONTACT = "contact"
    LOCATION = "location"
    POLL = "poll"
    OTHER = "other"


def notice(what: Notice, language: str) -> View:
    """What we cannot do with it, and what to send instead."""
    return View(say(language, f"notice-{what}"))
