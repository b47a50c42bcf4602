"""What a moderator reads who bans somebody, and what that person reads."""

from bot.telegram.message import View
from bot.texts import say


def banned(language: str) -> View:
    """For the person, once a day: that they get no answers, and that their rights remain."""
    return View(say(language, "banned"))


def ban_usage(language: str) -> View:
    """How to name somebody."""
    return View(say(language, "ban-usage"))


def ban_refused(language: str) -> View:
    """Moderators cannot ban each other."""
    return View(say(language, "ban-moderator"))


def ban_done(user_id: int, new: bool, language: str) -> View:
    """They get no answers any more."""
    return View(say(language, "ban-done" if new else "ban-already", user=str(user_id)))


def unban_done(user_id: int, new: bool, language: str) -> View:
    """They do again."""
    return View(say(language, "unban-done" if new else "unban-nothing", user=str(user_id)))
