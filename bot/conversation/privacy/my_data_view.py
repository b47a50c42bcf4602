"""/mydata: the document with all that is stored of somebody, or why there is none now."""

from bot.telegram.message import View
from bot.texts import Html, duration, say


def my_data(photos: int, left_out: int, language: str) -> View:
    """What stands under the document. ``left_out``: photos and features that did not fit."""
    text = say(language, "mydata-caption", photos=photos)
    return View(Html(f"{text}\n\n{say(language, 'mydata-left-out', count=left_out)}") if left_out else text)


def sent_in_private(language: str) -> View:
    """For the group in which somebody asked."""
    return View(say(language, "mydata-private"))


def write_to_me(language: str) -> View:
    """Somebody asked in a group who has never written in private: Telegram lets nobody but them begin."""
    return View(say(language, "mydata-write-to-me"))


def packed_just_now(wait_s: float, language: str) -> View:
    """They have it already."""
    return View(say(language, "mydata-again", wait=duration(wait_s, language)))
