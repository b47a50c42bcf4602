"""What is kept of somebody: the sentence with the first answer, the question after a correction, and /privacy."""

from bot.conversation.claims.view import once_accepted
from bot.conversation.guests.view import with_guest_notice
from bot.conversation.privacy.press import PrivacyAction, PrivacyPress
from bot.conversation.settings.press import back_to_settings
from bot.telegram.message import Answered, Button, View
from bot.telegram.update import ChatUpdate
from bot.texts import Html, say, say_plain
from db.chat.chat_records import ERASED, Consent, PredictionRecord


def with_first_notice(view: View, about: Answered, user_id: int, language: str) -> View:
    """The first answer that somebody gets says what becomes of photos, and lets them consent by one tap."""
    yes = _button("button-learn", PrivacyAction.YES, user_id, language, about.token)
    return View(f"{view.text}\n\n{say(language, 'privacy-notice')}", (*view.keyboard, (yes,)))


def with_question(
    view: View, update: ChatUpdate, prediction: PredictionRecord, *, rule: bool, guest: bool = False
) -> View:
    """What is shown after a claim to somebody who never said yes or no: they are asked.

    ``guest``: in a chat that we are not in; there they are told where to say it.
    """
    gone = prediction.photo_sha256 == ERASED
    if guest:
        return view if gone else with_guest_notice(view, update.language)
    return with_consent_question(view, prediction, update.user_id, update.language, gone=gone, rule=rule)


def with_consent_question(
    view: View, about: Answered, user_id: int, language: str, *, gone: bool = False, rule: bool = True
) -> View:
    """What is shown after a correction, and whether we may learn from it.

    ``gone``: this photo was deleted already; ``rule``: the trust policy may accept claims, too.
    """
    key = "consent-question-gone" if gone else "consent-question"
    question = say(language, key, once=once_accepted(language, rule=rule))
    yes = _button("button-learn-yes", PrivacyAction.YES, user_id, language, about.token)
    no = _button("button-learn-no", PrivacyAction.NO, user_id, language, about.token)
    return View(f"{view.text}\n\n{question}", ((yes, no), *view.keyboard))


def with_consent(view: View, consent: Consent, language: str) -> View:
    """The same once they have answered."""
    said = say(language, "consent-given" if consent is Consent.YES else "consent-refused")
    return View(f"{view.text}\n\n{said}", view.keyboard)


def privacy(consent: Consent | None, retention_days: int, user_id: int, language: str, *, rule: bool = True) -> View:
    """What is kept, for how long, and who sees it; with buttons to change it. ``rule``: as above."""
    learns = consent is Consent.YES
    kept = say(language, "privacy-days", count=retention_days) if retention_days else say(language, "privacy-forever")
    parts = (
        say(language, "privacy-head"),
        say(language, "privacy-yes", kept=kept, once=once_accepted(language, rule=rule))
        if learns
        else say(language, "privacy-no"),
        say(language, "privacy-rest", kept=kept),
        say(language, "privacy-ways"),
    )
    change = ("button-learn-stop", PrivacyAction.NO) if learns else ("button-learn", PrivacyAction.YES)
    rows = (change, ("button-data", PrivacyAction.DATA), ("button-forget", PrivacyAction.FORGET))
    buttons = tuple((_button(key, action, user_id, language),) for key, action in rows)
    return View(Html("\n\n".join(parts)), (*buttons, back_to_settings(user_id, language)))


def _button(key: str, action: PrivacyAction, user_id: int, language: str, token: str | None = None) -> Button:
    return PrivacyPress(action, user_id, token).button(say_plain(language, key))
