"""What is different where the bot is a guest: nobody can type to it there, and it sends nothing beside its answer."""

from typing import Final

from bot.conversation.answer.press import Action, AnswerPress
from bot.conversation.callback import BadCallback
from bot.telegram.message import Button, View
from bot.texts import Html, say

_NEEDS_A_CHAT: Final = frozenset({Action.SEARCH, Action.SUGGEST, Action.WHY, Action.WHY_OF, Action.BOXES})


def at_guests(view: View) -> View:
    """A view without the buttons that would need a chat of ours."""
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
        return AnswerPress.parse(button.data).action not in _NEEDS_A_CHAT
    except BadCallback:
        return True
