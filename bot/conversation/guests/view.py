"""What is different where the bot is a guest: nobody can type to it there, and it sends nothing beside its answer."""

from typing import Final

from bot.conversation.answer.press import Action, AnswerPress
from bot.conversation.callback import BadCallback
from bot.telegram.message import Button, View
from bot.texts import Html, say

_WORK_THERE: Final = frozenset(
    {
        *(Action.CONFIRM, Action.WRONG, Action.PICK, Action.NOT_A_DOG, Action.DONT_KNOW, Action.CHANGE),
        *(Action.BACK, Action.MORE, Action.ABOUT, Action.COMPARE, Action.SHOW, Action.ALBUM),
    }
)


def at_guests(view: View) -> View:
    """A view with those buttons alone that need no chat of ours: they change the answer in its place."""
    rows = (tuple(button for button in row if _works(button)) for row in view.keyboard)
    return View(view.text, tuple(row for row in rows if row))


def elsewhere(view: View, language: str) -> View:
    """In the private chat, what could not be said where it was asked."""
    return View(Html(f"{say(language, 'guest-elsewhere')}\n\n{view.text}"), view.keyboard)


def no_photo(bot_name: str, language: str) -> View:
    """Nothing to look at was handed over: how to ask."""
    return View(say(language, "guest-no-photo", name=bot_name))


def with_guest_notice(view: View, language: str) -> View:
    """The view with what becomes of the photo: consent is given in private, not before others."""
    return View(Html(f"{view.text}\n\n{say(language, 'guest-notice')}"), view.keyboard)


def _works(button: Button) -> bool:
    try:
        return AnswerPress.parse(button.data).action in _WORK_THERE
    except BadCallback:  # it belongs to something else
        return False
