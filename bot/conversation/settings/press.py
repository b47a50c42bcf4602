"""The buttons of the card of settings, and those that lead back to it."""

from dataclasses import dataclass
from enum import StrEnum

from bot.conversation.callback import Press, UserId
from bot.telegram.message import Button
from bot.texts import say_plain


class SettingsAction(StrEnum):
    """What a press asks for."""

    CARD = "card"
    LANGUAGE = "lang"  # the page of /language
    PRIVACY = "priv"  # the page of /privacy
    THANKS_ON = "loud"
    THANKS_OFF = "quiet"


@dataclass(frozen=True, slots=True)
class SettingsPress(Press):
    """``1:set:card:4711``; ``user_id``: whose button it is."""

    FAMILY = "set"
    action: SettingsAction
    user_id: UserId


def settings_button(key: str, action: SettingsAction, user_id: int, language: str) -> Button:
    """One with the label of that key."""
    return SettingsPress(action, user_id).button(say_plain(language, key))


def back_to_settings(user_id: int, language: str) -> tuple[Button, ...]:
    """The last row of a page."""
    return (settings_button("button-settings", SettingsAction.CARD, user_id, language),)
