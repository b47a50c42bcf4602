"""What is said of a photo before its answer, or instead of one: why there is none, and what helps."""

from math import ceil

from bot.telegram.message import View
from bot.texts import Html, duration, say
from inference.queue.protocol import Failure


def failure(reason: Failure, language: str) -> View:
    """A photo that could not be answered."""
    return View(say(language, f"failure-{reason.value.replace('_', '-')}"))


def foreign(file_format: str, language: str) -> View:
    """A file of a kind that is known but not opened: "JPEG XL"."""
    return View(say(language, "failure-foreign", format=file_format))


def clip_failure(reason: Failure, language: str) -> View:
    """A GIF or video that could not be looked at."""
    return View(say(language, "clip-too-large" if reason is Failure.TOO_LARGE else "clip-unreadable"))


def short_failure(reason: str | None, language: str) -> Html:
    """In a few words, for the line of an album; an unknown reason is our own mistake."""
    known = Failure(reason) if reason in set(Failure) else Failure.INTERNAL
    return say(language, f"failure-short-{known.value.replace('_', '-')}")


def something_wrong(language: str) -> View:
    """Our own error while handling anything but a photo."""
    return View(say(language, "apology"))


def too_big(limit_bytes: int, language: str) -> View:
    """A file beyond what Telegram lets a bot download (20 MB) or what we take."""
    return View(say(language, "refusal-too-big", limit=limit_bytes // 2**20))


def slow_file(language: str) -> View:
    """The file is not here yet, and is waited for."""
    return View(say(language, "photo-slow"))


def queue_position(position: int, wait_s: float, language: str) -> View:
    """How many photos until this one (1 = next), and about how long that takes."""
    wait = duration(wait_s, language)
    if position <= 1:
        return View(say(language, "queue-next", wait=wait))
    return View(say(language, "queue-position", position=position, wait=wait))


def try_later(wait_s: float, language: str) -> View:
    """The queue is full: nothing was taken, come back in a moment."""
    return View(say(language, "refusal-try-later", count=max(1, ceil(wait_s / 60))))


def slow_down(whose: str, limit: int, wait_s: float, language: str) -> View:
    """What is answered later, and when that begins. ``whose``: "user" or "chat"; ``limit``: photos a minute."""
    key = "slow-down-user" if whose == "user" else "slow-down-chat"
    return View(say(language, key, limit=limit, wait=duration(wait_s, language)))


def too_many_wait(limit: int, language: str) -> View:
    """What is left out, as so many wait."""
    return View(say(language, "slow-down-full", limit=limit))


def ask_again(limit: int, wait_s: float, language: str) -> View:
    """To who asked by a command or by our name: that does not wait."""
    return View(say(language, "slow-down-ask", limit=limit, wait=duration(wait_s, language)))
