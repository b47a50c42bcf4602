"""What concerns the one who asks: /forget, their language, their answers, and whether they like to be thanked."""

import logging

from bot.conversation.answer_press import BadCallback
from bot.conversation.context import Context
from bot.conversation.moderation.thanks_view import thanks_switched
from bot.conversation.own_press import OwnAction, OwnPress
from bot.conversation.personal.forget_view import forget_question, forgotten, kept
from bot.conversation.personal.history import history_page
from bot.conversation.personal.language import choose_language
from bot.conversation.privacy.forget import forget_person
from bot.conversation.replies import alert, nod
from bot.conversation.reply import reply
from bot.conversation.toast import Toast
from bot.telegram.message import View
from bot.telegram.sender import Refused
from bot.telegram.update import ChatUpdate
from db.chat.chat_records import Holdings

log = logging.getLogger(__name__)


async def forget(update: ChatUpdate, context: Context) -> None:
    """Ask first: it cannot be undone."""
    await reply(update, context, forget_question(update.user_id, update.language))


async def own_press(update: ChatUpdate, context: Context) -> None:
    """Obey a button that is about the one who presses it."""
    try:
        pressed = OwnPress.parse((update.query.data if update.query is not None else None) or "")
    except BadCallback as error:
        log.warning("update %s: %s", update.update_id, error)
        await alert(update, context, Toast.MALFORMED)
        return
    if pressed.user_id != update.user_id:
        await alert(update, context, Toast.NOT_FOR_YOU)
        return
    view = await _obey(update, context, pressed)
    await nod(update, context)
    await _show(update, context, view)


async def _obey(update: ChatUpdate, context: Context, pressed: OwnPress) -> View:
    action, choice = pressed.action, pressed.choice or ""
    if action is OwnAction.LANGUAGE:
        return await choose_language(update, context, choice)
    if action is OwnAction.HISTORY:
        return await history_page(update, context, int(choice) if choice.isdecimal() else 0)
    if action is OwnAction.FORGET:
        gone = await forget_person(context.database, context.photo_store, update.user_id)
        log.info("a person asked to be forgotten")
        return forgotten(gone or Holdings(0, 0, 0), update.language)
    if action is OwnAction.KEEP:
        return kept(update.language)
    wanted = action is OwnAction.THANKS_ON
    async with context.database.unit() as unit:
        await unit.users.set_wants_thanks(update.user_id, wanted)
    return thanks_switched(wanted, update.user_id, update.language)


async def _show(update: ChatUpdate, context: Context, view: View) -> None:
    """In place of the question; a new message where that one is gone."""
    if update.message is not None:
        try:
            await context.sender.edit(update.chat_id, update.message.message_id, view)
        except Refused as refusal:
            log.info("a question in chat %s cannot be edited: %s", update.chat_id, refusal)
        else:
            return
    await context.sender.send(update.chat_id, view)
