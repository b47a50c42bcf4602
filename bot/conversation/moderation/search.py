"""The name of a breed that a moderator typed for a claim."""

from bot.conversation.context import Context
from bot.conversation.moderation.card_view import review_search_results
from bot.conversation.reply import reply
from bot.telegram.update import ChatUpdate


async def searched_for_a_claim(update: ChatUpdate, context: Context, query: str) -> bool:
    """Answer with the breeds that may be meant. Returns: whether the text was for that."""
    event_id = update.reviewing
    if event_id is None or not update.private or update.user_id not in context.moderators():
        return False
    async with context.database.unit(read_only=True) as unit:
        if await unit.review_queue.get(event_id) is None:
            return False
    found = context.search.find(query, update.language)
    await reply(update, context, review_search_results(event_id, query, found, update.language))
    return True
