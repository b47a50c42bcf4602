"""Plain text: the name of a breed for somebody who pressed 🔎, one to look up, else an occasion to say what to send."""

from bot.conversation.answer.corrections import search_results
from bot.conversation.breeds.breed_name import named_breeds
from bot.conversation.breeds.handler import list_breeds
from bot.conversation.breeds.known import asks_for_breeds
from bot.conversation.breeds.press import owner_of_list
from bot.conversation.breeds.view import breeds_named
from bot.conversation.context import Context
from bot.conversation.moderation.review import searched_for_a_claim
from bot.conversation.notice import Notice, notice
from bot.conversation.photo.handler import Photos
from bot.conversation.photo.request import replied_photo
from bot.conversation.replies import reply
from bot.telegram.update import ChatUpdate
from db.chat.chat_records import PredictionRecord

QUERY_LIMIT = 100  # characters; the longest breed name has 35


async def plain_text(photos: Photos, update: ChatUpdate, context: Context) -> None:
    """Search for as long as the person has not chosen, gone back or sent something else."""
    message = update.message
    if message is not None and message.via_bot is not None and message.via_bot.id == context.bot.id:
        return  # a card of ours, which somebody shared by inline mode
    query = " ".join(update.text.split())[:QUERY_LIMIT]
    if await searched_for_a_claim(update, context, query):
        return
    prediction = await _searched_for(update, context)
    if prediction is not None:
        found = context.search.find(query, update.language)
        results = search_results(prediction, query, found, update.language)
        list_id = await reply(update, context, results, quiet=not update.private)
        await context.search_lists.replace(update, list_id, context.sender)
    elif not update.private:
        if update.asked and (found_photo := replied_photo(update)) is not None:  # "@us what is this?"
            await photos.look_at(found_photo, update, context)
        elif update.asked and asks_for_breeds(query):
            await list_breeds(update, context)
    elif asks_for_breeds(query):
        await list_breeds(update, context)
    else:
        named = named_breeds(query, context.search.find(query, update.language))
        view = breeds_named(named, owner_of_list(update.user_id), update.language) if named else None
        await reply(update, context, view or notice(Notice.TEXT, update.language))


async def _searched_for(update: ChatUpdate, context: Context) -> PredictionRecord | None:
    if update.awaiting_search_for is None:
        return None
    async with context.database.unit(read_only=True) as unit:
        prediction = await unit.predictions.get(update.awaiting_search_for)
    # Asked in one chat, answered there: what is written elsewhere is meant for others.
    return prediction if prediction is not None and prediction.chat_id == update.chat_id else None
