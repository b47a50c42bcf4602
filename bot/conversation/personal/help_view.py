"""Who the bot is and how to use it."""

from bot.conversation.breeds.known import Known
from bot.conversation.claims.view import once_accepted
from bot.telegram.message import View
from bot.texts import Html, say


def start(language: str, known: Known = None, *, rule: bool = True) -> View:
    """The first message: what to do, which breeds can be told, and what happens to photos.

    ``rule``: the trust policy may accept claims, too.
    """
    once = once_accepted(language, rule=rule)
    return View(say(language, "guidance-start", breeds=_breeds(known, language), once=once))


def help_(language: str, known: Known = None, guest_name: str | None = None) -> View:
    """What to send, what the buttons and the commands do.

    ``guest_name``: the bot's, without the @, if it answers in chats that it is not in.
    """
    how = [say(language, "guidance-help", breeds=_breeds(known, language))]
    how += [say(language, "guidance-guest", name=guest_name)] if guest_name is not None else []
    return View("\n\n".join([*how, say(language, "guidance-commands")]))


def group_hello(name: str, language: str) -> View:
    """What to do in a group; ``name``: the bot's, without the @."""
    return View(say(language, "guidance-group", name=name))


def cancelled(language: str, *, awaited: bool) -> View:
    """/cancel: what was waited for is not any more, or there was nothing."""
    return View(say(language, "cancel-done" if awaited else "cancel-nothing"))


def _breeds(known: Known, language: str) -> Html:
    return say(language, "guidance-breeds", count=len(known)) if known else say(language, "guidance-breeds-unknown")
