"""/breeds: looking breeds up."""

from bot.conversation.breeds.breed_name import is_called
from bot.conversation.breeds.inline import inline
from bot.conversation.breeds.known import Known, known_breeds
from bot.conversation.breeds.press import BreedsAction, BreedsPress, owner_of_list
from bot.conversation.breeds.view import MATCHES, breed_card, breed_groups, breed_matches, group_page
from bot.conversation.context import Context
from bot.conversation.replies import nod, post, reply, turn
from bot.conversation.router import Router
from bot.telegram.message import View
from bot.telegram.update import ChatUpdate, UpdateKind
from core.breeds.catalogue import catalogue

QUERY_LIMIT = 100  # characters; the longest name has 48


def register(router: Router) -> None:
    """The command, the buttons of the list, and inline mode."""
    router.command("breeds", breeds)
    for action in BreedsAction:
        router.press(BreedsPress, action, _turn)
    router.on(UpdateKind.INLINE, inline)


async def breeds(update: ChatUpdate, context: Context) -> None:
    """``/breeds``: the groups; ``/breeds collie``: the card of that breed, or those that may be meant."""
    query = " ".join(update.words)[:QUERY_LIMIT]
    if not query:
        await list_breeds(update, context)
        return
    found = context.search.find(query, update.language, MATCHES)
    owner, known = owner_of_list(update.user_id), await known_breeds(context.database)
    if len(found) == 1 or (found and is_called(found[0], query)):
        shared = context.bot.supports_inline_queries
        view = breed_card(found[0], owner, update.language, known, inline=shared, others=found[1:])
    else:
        view = breed_matches(query, found, owner, update.language, known)
    await reply(update, context, view)


async def list_breeds(update: ChatUpdate, context: Context) -> None:
    """The groups."""
    known = await known_breeds(context.database)
    await post(update, context, _groups(update, context, owner_of_list(update.user_id), known))


async def _turn(update: ChatUpdate, context: Context, pressed: BreedsPress) -> None:
    """Turn the list to where a button leads."""
    await nod(update, context)
    known = await known_breeds(context.database)
    await turn(update, context, _view(update, context, pressed, known))


def _view(update: ChatUpdate, context: Context, pressed: BreedsPress, known: Known) -> View:
    language, slug = update.language, pressed.slug
    if pressed.action is BreedsAction.CARD and slug is not None:
        shared = context.bot.supports_inline_queries
        return breed_card(catalogue()[slug], pressed.user_id, language, known, inline=shared)
    if pressed.action is BreedsAction.PAGE and slug is not None:
        return group_page(slug, pressed.page or 0, pressed.user_id, language, known)
    return _groups(update, context, pressed.user_id, known)


def _groups(update: ChatUpdate, context: Context, owner: int, known: Known) -> View:
    return breed_groups(owner, update.language, known, inline=context.bot.supports_inline_queries)
