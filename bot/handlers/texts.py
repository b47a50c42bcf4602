"""Plain text: the name of a breed for somebody who pressed 🔎, else an occasion to say what to send."""

from bot.handlers.reply import reply
from bot.incoming import Incoming
from bot.services import Services
from bot.views.notice import Notice, notice
from bot.views.search import search_results
from db.records import PredictionRecord

QUERY_LIMIT = 100  # characters; the longest breed name has 35


async def text(incoming: Incoming, services: Services) -> None:
    """Search for as long as the person has not chosen, gone back or sent something else."""
    prediction = await _searched_for(incoming, services)
    if prediction is not None and incoming.message is not None:
        query = " ".join((incoming.message.text or "").split())[:QUERY_LIMIT]
        found = services.search.find(query, incoming.language)
        await reply(incoming, services, search_results(prediction, query, found, incoming.language))
    elif incoming.private:
        await reply(incoming, services, notice(Notice.TEXT, incoming.language))


async def _searched_for(incoming: Incoming, services: Services) -> PredictionRecord | None:
    if incoming.awaiting_search_for is None:
        return None
    async with services.database.unit(read_only=True) as unit:
        prediction = await unit.predictions.get(incoming.awaiting_search_for)
    # Asked in one chat, answered there: what is written elsewhere is meant for others.
    return prediction if prediction is not None and prediction.chat_id == incoming.chat_id else None
