"""/settings: how everything is set, and the way to change it."""

from bot.conversation.settings.press import SettingsAction, settings_button
from bot.telegram.message import View
from bot.texts import Html, native_name, say


def settings_card(*, automatic: bool, learns: bool, thanks: bool, user_id: int, language: str) -> View:
    """The card.

    Args:
        automatic: whether the language follows Telegram's.
        learns: whether photos may be kept and learned from.
        thanks: whether this person hears what became of their claims.
        user_id: whose card it is.
        language: of the reader.
    """
    spoken = "settings-language-automatic" if automatic else "settings-language"
    lines = [
        say(language, spoken, language=native_name(language)),
        say(language, "settings-photos-kept" if learns else "settings-photos-deleted"),
        say(language, "thanks-switched-on" if thanks else "thanks-switched-off"),
    ]
    switch = (
        ("button-thanks-off", SettingsAction.THANKS_OFF) if thanks else ("button-thanks-on", SettingsAction.THANKS_ON)
    )
    rows = (
        (("button-language", SettingsAction.LANGUAGE), ("button-privacy", SettingsAction.PRIVACY)),
        (switch,),
    )
    buttons = tuple(tuple(settings_button(key, action, user_id, language) for key, action in row) for row in rows)
    return View(Html("\n\n".join([say(language, "settings-head"), "\n".join(lines)])), buttons)
