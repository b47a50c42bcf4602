"""One tap: whether we may keep photos and learn from them. With the first answer, after corrections, in /privacy."""

import logging

from bot.conversation.answer_press import BadCallback
from bot.conversation.context import Context
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
from bot.telegram.update import ChatUpdate
from core.claim import Verdict
from db.chat.chat_records import ERASED, Consent, PredictionRecord

CORRECTIONS = frozenset({Verdict.CORRECT, Verdict.NOT_A_DOG, Verdict.OTHER})
_TOASTS = {Consent.YES: Toast.CONSENT_GIVEN, Consent.NO: Toast.CONSENT_REFUSED}

log = logging.getLogger(__name__)


def may_be_learned(update: ChatUpdate, prediction: PredictionRecord) -> bool:
    """Whether a claim about this answer leads anywhere."""
    return update.consent is Consent.YES and prediction.photo_sha256 != ERASED


def with_question(view: View, update: ChatUpdate, prediction: PredictionRecord, verdict: Verdict) -> View:
    """What is shown after a claim; somebody who corrects, and never said yes or no, is asked."""
    unasked = update.consent is None and prediction.user_id == update.user_id
    if not unasked or verdict not in CORRECTIONS:
        return view
    gone = prediction.photo_sha256 == ERASED
    return with_consent_question(view, prediction, update.user_id, update.language, gone=gone)


async def privacy(update: ChatUpdate, context: Context) -> None:
    """/privacy."""
    view = privacy_view(update.consent, context.retention_days, update.user_id, update.language)
    await reply(update, context, view)


async def privacy_press(update: ChatUpdate, context: Context) -> None:
    """Obey a button about the privacy of the one who presses it."""
    data = (update.query.data if update.query is not None else None) or ""
    try:
        pressed = PrivacyPress.parse(data)
    except BadCallback as error:
        log.warning("update %s: %s", update.update_id, error)
        await alert(update, context, Toast.MALFORMED)
        return
    if pressed.user_id != update.user_id:
        await alert(update, context, Toast.NOT_FOR_YOU)
    elif pressed.word is Word.DATA:
        await nod(update, context)
        await my_data(update, context)
    elif pressed.word is Word.FORGET:
        await nod(update, context)
        await _show(update, context, data, forget_question(update.user_id, update.language))
    else:
        await _consent(update, context, pressed, data)


async def _consent(update: ChatUpdate, context: Context, pressed: PrivacyPress, data: str) -> None:
    consent = Consent.YES if pressed.word is Word.YES else Consent.NO
    async with context.database.unit() as unit:
        new = await unit.consents.set(update.user_id, consent)
    if new:
        log.info("consent changed", extra={"consent": consent.value})
    await nod(update, context, _TOASTS[consent])
    if pressed.token is None:
        view = privacy_view(consent, context.retention_days, update.user_id, update.language)
    else:
        view = with_consent(_without_question(update), consent, update.language)
    await _show(update, context, data, view)


def _without_question(update: ChatUpdate) -> View:
    """The message as it is, but for its last paragraph and the buttons that belong to it."""
    message = update.message
    text = (message.text_html if message is not None else None) or ""
    return View(text.rpartition("\n\n")[0], _rows(update, without=BEGIN))


def _rows(update: ChatUpdate, *, without: str) -> tuple[tuple[Button, ...], ...]:
    markup = update.message.reply_markup if update.message is not None else None
    rows = markup.inline_keyboard if markup is not None else ()
    kept = (
        tuple(
            Button(one.text, data) for one in row if (data := str(one.callback_data)) and not data.startswith(without)
        )
        for row in rows
    )
    return tuple(row for row in kept if row)


async def _show(update: ChatUpdate, context: Context, data: str, view: View) -> None:
    """In the message that has this button; a forged press, which can name any message of ours, changes none."""
    message = update.message
    buttons = (button.data for row in _rows(update, without="\n") for button in row)
    if message is None or data not in buttons:
        return
    try:
        await context.sender.edit(update.chat_id, message.message_id, view)
    except Refused as refusal:
        log.info("a message in chat %s cannot be edited: %s", update.chat_id, refusal)
