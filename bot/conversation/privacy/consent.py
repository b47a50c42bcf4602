"""Whether we may keep photos and learn from them, as far as an answer and a claim about it are concerned."""

from bot.conversation.guests.view import with_guest_notice
from bot.conversation.privacy.view import with_consent_question, with_first_notice
from bot.telegram.message import Answered, View
from bot.telegram.update import ChatUpdate
from core.claim import Verdict
from db.chat.chat_records import ERASED, Consent, PredictionRecord, UserRecord

CORRECTIONS = frozenset({Verdict.CORRECT, Verdict.NOT_A_DOG, Verdict.OTHER})


def may_be_learned(update: ChatUpdate, prediction: PredictionRecord) -> bool:
    """Whether a claim about this answer leads anywhere."""
    return update.consent is Consent.YES and prediction.photo_sha256 != ERASED


def with_question(
    view: View, update: ChatUpdate, prediction: PredictionRecord, verdict: Verdict, *, rule: bool, guest: bool = False
) -> View:
    """What is shown after a claim; somebody who corrects, and never said yes or no, is asked.

    ``guest``: in a chat that we are not in; there they are told where to say it.
    """
    unasked = update.consent is None and prediction.user_id == update.user_id
    if not unasked or verdict not in CORRECTIONS:
        return view
    gone = prediction.photo_sha256 == ERASED
    if guest:
        return view if gone else with_guest_notice(view, update.language)
    return with_consent_question(view, prediction, update.user_id, update.language, gone=gone, rule=rule)


def with_notice(
    view: View, about: Answered | None, user: UserRecord | None, language: str, *, guest: bool = False
) -> tuple[View, int | None]:
    """The view of an answer, with the notice if this person was never told.

    ``about``: the answer, or one of those of an album; None: there is none, and the next one brings the notice.

    Returns: the view, and who is told by it, for `Consents.notified` once it is delivered.
    """
    # Chats that write in their own name are nobody: who would consent?
    if about is None or user is None or user.notified_at is not None or user.id <= 0:
        return view, None
    if user.consent is Consent.YES:
        return view, user.id
    noticed = with_guest_notice(view, language) if guest else with_first_notice(view, about, user.id, language)
    return noticed, user.id
