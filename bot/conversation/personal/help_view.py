"""Who the bot is and how to use it."""

from bot.conversation.claims.fate import once_accepted
from bot.telegram.message import View
from bot.texts import say


def start(language: str, *, rule: bool = True) -> View:
    """The first message: what to do, and what happens to photos. ``rule``: the trust policy may accept claims, too."""
    return View(say(language, "guidance-start", once=once_accepted(language, rule=rule)))


def help_(language: str) -> View:
    """What to send, what the buttons do."""
    return View(say(language, "guidance-help"))


def group_hello(name: str, language: str) -> View:
    """What to do in a group; ``name``: the bot's, without the @."""
    return View(say(language, "guidance-group", name=name))


def cancelled(language: str, *, awaited: bool) -> View:
    """/cancel: what was waited for is not any more, or there was nothing."""
    return View(say(language, "cancel-done" if awaited else "cancel-nothing"))
