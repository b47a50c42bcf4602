"""The short words that appear over the chat when a button is pressed (answerCallbackQuery)."""

from enum import StrEnum

from bot.texts import say_plain


class Toast(StrEnum):
    """What a press led to, where the message itself does not show it."""

    THANKS = "thanks"
    NOTED = "noted"
    NOT_YOURS = "not-yours"
    EXPIRED = "expired"
    MALFORMED = "malformed"
    TRY_AGAIN = "try-again"


def toast(what: Toast, language: str) -> str:
    """Plain text, at most 200 characters (https://core.telegram.org/bots/api#answercallbackquery)."""
    return say_plain(language, f"toast-{what}")
