"""/language: which one the bot speaks with somebody."""

from bot.conversation.personal.press import AUTOMATIC, OwnAction, OwnPress
from bot.conversation.settings.press import back_to_settings
from bot.telegram.message import Button, View, two_a_row
from bot.texts import languages, native_name, say, say_plain

CHOSEN = "✓ "


def language_choice(chosen: str | None, user_id: int, language: str) -> View:
    """The question. ``chosen``: None where the language follows Telegram's."""
    named = [_button(_capitalised(native_name(code)), code, chosen, user_id) for code in languages()]
    automatic = _button(say_plain(language, "button-automatic"), AUTOMATIC, chosen or AUTOMATIC, user_id)
    key = "language-automatic" if chosen is None else "language-chosen"
    rows = (*two_a_row(named), (automatic,), back_to_settings(user_id, language))
    return View(say(language, key, language=native_name(language)), rows)


def _button(text: str, code: str, chosen: str | None, user_id: int) -> Button:
    mark = CHOSEN if code == chosen else ""
    return OwnPress(OwnAction.LANGUAGE, user_id, code).button(f"{mark}{text}")


def _capitalised(name: str) -> str:
    return name[:1].upper() + name[1:]
