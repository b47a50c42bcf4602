"""The name of a breed that a moderator typed for a claim."""

from bot.conversation.context import Services
from bot.conversation.moderation.card_view import review_search_results
from bot.conversation.reply import reply
from bot.telegram.update import Incoming


async def searched_for_a_claim(incoming: Incoming, services: Services, query: str) -> bool:
    """Answer with the breeds that may be meant. Returns: whether the text was for that."""
    event_id = incoming.reviewing
    if event_id is None or not incoming.private or incoming.user_id not in services.moderators():
        return False
    async with services.database.unit(read_only=True) as unit:
        if await unit.review_queue.get(event_id) is None:
            return False
    found = services.search.find(query, incoming.language)
    await reply(incoming, services, review_search_results(event_id, query, found, incoming.language))
    return True
