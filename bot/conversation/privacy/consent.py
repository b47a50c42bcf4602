"""Whether we may keep photos and learn from them, as far as an answer and a claim about it are concerned."""

from bot.conversation.guests.view import with_guest_notice
from bot.conversation.privacy.view import with_consent_question, with_first_notice
from bot.telegram.message import Answered, View
from bot.telegram.update import ChatUpdate
from db.chat.chat_records import ERASED, Consent, PredictionRecord, UserRecord


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
