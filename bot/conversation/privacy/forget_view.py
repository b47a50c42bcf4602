"""Deleting what is stored of a person: the question, and what came of it."""

from bot.conversation.personal.press import OwnAction, OwnPress
from bot.telegram.message import View
from bot.texts import say, say_plain
from db.chat.chat_records import Holdings


def forget_question(user_id: int, language: str) -> View:
    """What goes, and that it cannot be undone."""
    yes = OwnPress(OwnAction.FORGET, user_id).button(say_plain(language, "button-forget"))
    no = OwnPress(OwnAction.KEEP, user_id).button(say_plain(language, "button-keep"))
    return View(say(language, "forget-question"), ((yes,), (no,)))


def forgotten(what: Holdings, language: str) -> View:
    """What was deleted."""
    return View(
        say(language, "forget-done", photos=what.photos, answers=what.answers, claims=what.claims),
    )


def kept(language: str) -> View:
    """The question was answered with no."""
    return View(say(language, "forget-kept"))
