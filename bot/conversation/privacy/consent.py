"""One tap: whether we may keep photos and learn from them. With the first answer, after corrections, in /privacy."""

import logging

from bot.conversation.answer_press import BadCallback
from bot.conversation.context import Services
from bot.conversation.personal.forget_view import forget_question
from bot.conversation.privacy.my_data import my_data
from bot.conversation.privacy.view import privacy as privacy_view
from bot.conversation.privacy.view import with_consent, with_consent_question
from bot.conversation.privacy_press import BEGIN, PrivacyPress, Word
from bot.conversation.replies import alert, nod
from bot.conversation.reply import reply
from bot.conversation.toast import Toast
from bot.telegram.message import Button, View
from bot.telegram.sender import Refused
from bot.telegram.update import Incoming
from db.chat.chat_records import ERASED, Consent, PredictionRecord, Verdict

CORRECTIONS = frozenset({Verdict.CORRECT, Verdict.NOT_A_DOG, Verdict.OTHER})
_TOASTS = {Consent.YES: Toast.CONSENT_GIVEN, Consent.NO: Toast.CONSENT_REFUSED}

log = logging.getLogger(__name__)


def may_be_learned(incoming: Incoming, prediction: PredictionRecord) -> bool:
    """Whether a claim about this answer leads anywhere."""
    return incoming.consent is Consent.YES and prediction.photo_sha256 != ERASED


def with_question(view: View, incoming: Incoming, prediction: PredictionRecord, verdict: Verdict) -> View:
    """What is shown after a claim; somebody who corrects, and never said yes or no, is asked."""
    unasked = incoming.consent is None and prediction.user_id == incoming.user_id
    if not unasked or verdict not in CORRECTIONS:
        return view
    gone = prediction.photo_sha256 == ERASED
    return with_consent_question(view, prediction, incoming.user_id, incoming.language, gone=gone)


async def privacy(incoming: Incoming, services: Services) -> None:
    """/privacy."""
    view = privacy_view(incoming.consent, services.retention_days, incoming.user_id, incoming.language)
    await reply(incoming, services, view)


async def privacy_press(incoming: Incoming, services: Services) -> None:
    """Obey a button about the privacy of the one who presses it."""
    data = (incoming.query.data if incoming.query is not None else None) or ""
    try:
        pressed = PrivacyPress.parse(data)
    except BadCallback as error:
        log.warning("update %s: %s", incoming.update_id, error)
        await alert(incoming, services, Toast.MALFORMED)
        return
    if pressed.user_id != incoming.user_id:
        await alert(incoming, services, Toast.NOT_FOR_YOU)
    elif pressed.word is Word.DATA:
        await nod(incoming, services)
        await my_data(incoming, services)
    elif pressed.word is Word.FORGET:
        await nod(incoming, services)
        await _show(incoming, services, data, forget_question(incoming.user_id, incoming.language))
    else:
        await _consent(incoming, services, pressed, data)


async def _consent(incoming: Incoming, services: Services, pressed: PrivacyPress, data: str) -> None:
    consent = Consent.YES if pressed.word is Word.YES else Consent.NO
    async with services.database.unit() as unit:
        new = await unit.consents.set(incoming.user_id, consent)
    if new:
        log.info("consent changed", extra={"consent": consent.value})
    await nod(incoming, services, _TOASTS[consent])
    if pressed.token is None:
        view = privacy_view(consent, services.retention_days, incoming.user_id, incoming.language)
    else:
        view = with_consent(_without_question(incoming), consent, incoming.language)
    await _show(incoming, services, data, view)


def _without_question(incoming: Incoming) -> View:
    """The message as it is, but for its last paragraph and the buttons that belong to it."""
    message = incoming.message
    text = (message.text_html if message is not None else None) or ""
    return View(text.rpartition("\n\n")[0], _rows(incoming, without=BEGIN))


def _rows(incoming: Incoming, *, without: str) -> tuple[tuple[Button, ...], ...]:
    markup = incoming.message.reply_markup if incoming.message is not None else None
    rows = markup.inline_keyboard if markup is not None else ()
    kept = (
        tuple(
            Button(one.text, data) for one in row if (data := str(one.callback_data)) and not data.startswith(without)
        )
        for row in rows
    )
    return tuple(row for row in kept if row)


async def _show(incoming: Incoming, services: Services, data: str, view: View) -> None:
    """In the message that has this button; a forged press, which can name any message of ours, changes none."""
    message = incoming.message
    buttons = (button.data for row in _rows(incoming, without="\n") for button in row)
    if message is None or data not in buttons:
        return
    try:
        await services.outgoing.edit(incoming.chat_id, message.message_id, view)
    except Refused as refusal:
        log.info("a message in chat %s cannot be edited: %s", incoming.chat_id, refusal)
