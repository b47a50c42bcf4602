"""The short words that appear over the chat when a button is pressed (answerCallbackQuery)."""

from enum import StrEnum
from math import ceil

from bot.texts import say_plain


class Toast(StrEnum):
    """What a press led to, where the message itself does not show it.

    Each is a sentence of at most 200 characters (https://core.telegram.org/bots/api#answercallbackquery).
    """

    THANKS = "thanks"
    NOTED = "noted"
    NOT_YOURS = "not-yours"
    EXPIRED = "expired"
    MALFORMED = "malformed"
    TRY_AGAIN = "try-again"
    TYPE_IT_AGAIN = "type-it-again"
    NOT_FOR_YOU = "not-for-you"
    MODERATORS_ONLY = "moderators-only"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    SKIPPED = "skipped"
    REOPENED = "reopened"
    DECIDED_ALREADY = "decided-already"
    CLAIM_GONE = "claim-gone"
    NOT_UNDONE = "not-undone"
    WHICH_BREED = "which-breed"
    NO_HEAT = "no-heat"
    NO_CONSOLE = "no-console"
    CONSENT_GIVEN = "consent-given"
    CONSENT_REFUSED = "consent-refused"
    BANNED = "banned"
    HEAT_ABOVE = "heat-above"
    PHOTO_GONE = "photo-gone"
    PHOTO_DELETED = "photo-deleted"
    OLD_LIST = "old-list"


def wait(wait_s: float, language: str) -> str:
    """Too many at once: come back in so many seconds."""
    return say_plain(language, "wait-seconds", count=max(1, ceil(wait_s)))
