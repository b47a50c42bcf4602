"""What concerns the one who asks: /forget, their language, their answers, and whether they like to be thanked."""

import logging

from bot.conversation.answer_press import BadCallback
from bot.conversation.context import Services
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
from bot.telegram.update import Incoming
from db.chat.chat_records import Holdings

log = logging.getLogger(__name__)


async def forget(incoming: Incoming, services: Services) -> None:
    """Ask first: it cannot be undone."""
    await reply(incoming, services, forget_question(incoming.user_id, incoming.language))


async def own_press(incoming: Incoming, services: Services) -> None:
    """Obey a button that is about the one who presses it."""
    try:
        pressed = OwnPress.parse((incoming.query.data if incoming.query is not None else None) or "")
    except BadCallback as error:
        log.warning("update %s: %s", incoming.update_id, error)
        await alert(incoming, services, Toast.MALFORMED)
        return
    if pressed.user_id != incoming.user_id:
        await alert(incoming, services, Toast.NOT_FOR_YOU)
        return
    view = await _obey(incoming, services, pressed)
    await nod(incoming, services)
    await _show(incoming, services, view)


async def _obey(incoming: Incoming, services: Services, pressed: OwnPress) -> View:
    action, choice = pressed.action, pressed.choice or ""
    if action is OwnAction.LANGUAGE:
        return await choose_language(incoming, services, choice)
    if action is OwnAction.HISTORY:
        return await history_page(incoming, services, int(choice) if choice.isdecimal() else 0)
    if action is OwnAction.FORGET:
        gone = await forget_person(services.database, services.photo_store, incoming.user_id)
        log.info("a person asked to be forgotten")
        return forgotten(gone or Holdings(0, 0, 0), incoming.language)
    if action is OwnAction.KEEP:
        return kept(incoming.language)
    wanted = action is OwnAction.THANKS_ON
    async with services.database.unit() as unit:
        await unit.users.set_wants_thanks(incoming.user_id, wanted)
    return thanks_switched(wanted, incoming.user_id, incoming.language)


async def _show(incoming: Incoming, services: Services, view: View) -> None:
    """In place of the question; a new message where that one is gone."""
    if incoming.message is not None:
        try:
            await services.outgoing.edit(incoming.chat_id, incoming.message.message_id, view)
        except Refused as refusal:
            log.info("a question in chat %s cannot be edited: %s", incoming.chat_id, refusal)
        else:
            return
    await services.outgoing.send(incoming.chat_id, view)
