"""/breeds: looking breeds up."""

import logging

from bot.conversation.answer_press import BadCallback
from bot.conversation.breeds.view import MATCHES, breed_card, breed_groups, breed_matches, group_page
from bot.conversation.catalogue_press import CatalogueAction, CataloguePress, owner_of_list
from bot.conversation.context import Context
from bot.conversation.replies import alert, nod
from bot.conversation.reply import reply
from bot.conversation.toast import Toast
from bot.telegram.message import View
from bot.telegram.sender import Refused
from bot.telegram.update import ChatUpdate
from core.breeds.catalogue import catalogue

QUERY_LIMIT = 100  # characters; the longest name has 48

log = logging.getLogger(__name__)


async def breeds(update: ChatUpdate, context: Context) -> None:
    """``/breeds``: the groups; ``/breeds collie``: the breeds that are called something like that."""
    _, *asked = ((update.message.text if update.message is not None else None) or "").split()
    query = " ".join(asked)[:QUERY_LIMIT]
    if not query:
        await list_breeds(update, context)
        return
    found = context.search.find(query, update.language, MATCHES)
    owner = owner_of_list(update.user_id)
    await reply(update, context, breed_matches(query, found, owner, update.language))


async def list_breeds(update: ChatUpdate, context: Context) -> None:
    """The groups."""
    await context.sender.send(update.chat_id, _groups(update, context, owner_of_list(update.user_id)))


async def catalogue_press(update: ChatUpdate, context: Context) -> None:
    """Turn the list to where a button leads."""
    try:
        pressed = CataloguePress.parse((update.query.data if update.query is not None else None) or "")
    except BadCallback as error:
        log.warning("update %s: %s", update.update_id, error)
        await alert(update, context, Toast.OLD_LIST)
        return
    if not pressed.is_for(update.user_id):
        await alert(update, context, Toast.NOT_FOR_YOU)
        return
    await nod(update, context)
    await _show(update, context, _view(update, context, pressed))


def _view(update: ChatUpdate, context: Context, pressed: CataloguePress) -> View:
    language, slug = update.language, pressed.slug
    if pressed.action is CatalogueAction.CARD and slug is not None:
        inline = context.bot.supports_inline_queries
        return breed_card(catalogue()[slug], pressed.user_id, language, inline=inline)
    if pressed.action is CatalogueAction.PAGE and slug is not None:
        return group_page(slug, pressed.page or 0, pressed.user_id, language)
    return _groups(update, context, pressed.user_id)


def _groups(update: ChatUpdate, context: Context, owner: int) -> View:
    return breed_groups(owner, update.language, inline=context.bot.supports_inline_queries)


async def _show(update: ChatUpdate, context: Context, view: View) -> None:
    """In place of what the list showed; a new message where that one is gone."""
    if update.message is not None:
        try:
            await context.sender.edit(update.chat_id, update.message.message_id, view)
        except Refused as refusal:
            log.info("a list of breeds in chat %s cannot be edited: %s", update.chat_id, refusal)
        else:
            return
    await context.sender.send(update.chat_id, view)
