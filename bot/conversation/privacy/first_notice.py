"""With the first answer that somebody gets they are told what becomes of their photos."""

from bot.conversation.privacy.view import with_first_notice
from bot.telegram.message import Answered, View
from db.chat.chat_records import Consent, UserRecord


def with_notice(view: View, about: Answered | None, user: UserRecord | None, language: str) -> View:
    """The view of an answer, with the notice if it is due; once it is delivered, `Consents.notified` notes it.

    ``about``: the answer, or one of those of an album; None: there is none, and the next one brings the notice.
    """
    if about is None or user is None or not notice_is_due(user) or user.consent is Consent.YES:
        return view
    return with_first_notice(view, about, user.id, language)


def notice_is_due(user: UserRecord | None) -> bool:
    """Whether this person was never told. Chats that write in their own name are nobody: who would consent?"""
    return user is not None and user.notified_at is None and user.id > 0
