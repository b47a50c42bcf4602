"""/breeds: looking breeds up."""

import logging

from bot.conversation.answer_press import BadCallback
from bot.conversation.breeds.view import MATCHES, breed_card, breed_groups, breed_matches, group_page
from bot.conversation.catalogue_press import CatalogueAction, CataloguePress, owner_of_list
from bot.conversation.context import Services
from bot.conversation.replies import alert, nod
from bot.conversation.reply import reply
from bot.conversation.toast import Toast
from bot.telegram.message import View
from bot.telegram.sender import Refused
from bot.telegram.update import Incoming
from core.breeds.catalogue import catalogue

QUERY_LIMIT = 100  # characters; the longest name has 48

log = logging.getLogger(__name__)


async def breeds(incoming: Incoming, services: Services) -> None:
    """``/breeds``: the groups; ``/breeds collie``: the breeds that are called something like that."""
    _, *asked = ((incoming.message.text if incoming.message is not None else None) or "").split()
    query = " ".join(asked)[:QUERY_LIMIT]
    if not query:
        await list_breeds(incoming, services)
        return
    found = services.search.find(query, incoming.language, MATCHES)
    owner = owner_of_list(incoming.user_id)
    await reply(incoming, services, breed_matches(query, found, owner, incoming.language))


async def list_breeds(incoming: Incoming, services: Services) -> None:
    """The groups."""
    await services.outgoing.send(incoming.chat_id, _groups(incoming, services, owner_of_list(incoming.user_id)))


async def catalogue_press(incoming: Incoming, services: Services) -> None:
    """Turn the list to where a button leads."""
    try:
        pressed = CataloguePress.parse((incoming.query.data if incoming.query is not None else None) or "")
    except BadCallback as error:
        log.warning("update %s: %s", incoming.update_id, error)
        await alert(incoming, services, Toast.OLD_LIST)
        return
    if not pressed.is_for(incoming.user_id):
        await alert(incoming, services, Toast.NOT_FOR_YOU)
        return
    await nod(incoming, services)
    await _show(incoming, services, _view(incoming, services, pressed))


def _view(incoming: Incoming, services: Services, pressed: CataloguePress) -> View:
    language, slug = incoming.language, pressed.slug
    if pressed.action is CatalogueAction.CARD and slug is not None:
        inline = services.bot.supports_inline_queries
        return breed_card(catalogue()[slug], pressed.user_id, language, inline=inline)
    if pressed.action is CatalogueAction.PAGE and slug is not None:
        return group_page(slug, pressed.page or 0, pressed.user_id, language)
    return _groups(incoming, services, pressed.user_id)


def _groups(incoming: Incoming, services: Services, owner: int) -> View:
    return breed_groups(owner, incoming.language, inline=services.bot.supports_inline_queries)


async def _show(incoming: Incoming, services: Services, view: View) -> None:
    """In place of what the list showed; a new message where that one is gone."""
    if incoming.message is not None:
        try:
            await services.outgoing.edit(incoming.chat_id, incoming.message.message_id, view)
        except Refused as refusal:
            log.info("a list of breeds in chat %s cannot be edited: %s", incoming.chat_id, refusal)
        else:
            return
    await services.outgoing.send(incoming.chat_id, view)
