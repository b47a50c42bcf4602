"""Plain text: the name of a breed for somebody who pressed 🔎, one to look up, else an occasion to say what to send."""

from bot.conversation.answer.search import search_results
from bot.conversation.breeds.named import named_breeds
from bot.conversation.breeds.view import breeds_named
from bot.conversation.catalogue_press import owner_of_list
from bot.conversation.context import Services
from bot.conversation.moderation.search import searched_for_a_claim
from bot.conversation.personal.notice import Notice, notice
from bot.conversation.photo.handler import look_at
from bot.conversation.photo.replied_photo import replied_photo
from bot.conversation.reply import reply
from bot.telegram.update import Incoming
from db.chat.chat_records import PredictionRecord

QUERY_LIMIT = 100  # characters; the longest breed name has 35


async def text(incoming: Incoming, services: Services) -> None:
    """Search for as long as the person has not chosen, gone back or sent something else."""
    message = incoming.message
    if message is not None and message.via_bot is not None and message.via_bot.id == services.bot.id:
        return  # a card of ours, which somebody shared by inline mode
    typed = message.text if message is not None else None
    query = " ".join((typed or "").split())[:QUERY_LIMIT]
    if await searched_for_a_claim(incoming, services, query):
        return
    prediction = await _searched_for(incoming, services)
    if prediction is not None:
        found = services.search.find(query, incoming.language)
        await reply(incoming, services, search_results(prediction, query, found, incoming.language))
    elif not incoming.private:
        if incoming.asked and (found_photo := replied_photo(incoming)) is not None:  # "@us what is this?"
            await look_at(found_photo, incoming, services)
    else:
        named = named_breeds(query, services.search.find(query, incoming.language))
        view = breeds_named(named, owner_of_list(incoming.user_id), incoming.language) if named else None
        await reply(incoming, services, view or notice(Notice.TEXT, incoming.language))


async def _searched_for(incoming: Incoming, services: Services) -> PredictionRecord | None:
    if incoming.awaiting_search_for is None:
        return None
    async with services.database.unit(read_only=True) as unit:
        prediction = await unit.predictions.get(incoming.awaiting_search_for)
    # Asked in one chat, answered there: what is written elsewhere is meant for others.
    return prediction if prediction is not None and prediction.chat_id == incoming.chat_id else None
