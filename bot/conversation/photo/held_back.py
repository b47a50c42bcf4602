"""More photos than one person or group may send: left out, with one word about it for each wait."""

from bot.conversation.context import Services
from bot.conversation.photo.fair_use_view import slow_down
from bot.conversation.photo.refusal import Refusal, refuse
from bot.conversation.reply import reply
from bot.telegram.update import Incoming
from inference.queue.protocol import Failure


async def held_back(incoming: Incoming, services: Services, album: str | None) -> bool:
    """Whether this photo is one too many. Costs nothing but a look into memory, for people who are known there."""
    if incoming.message is None:
        return False
    wait = await services.fair_use.admit(
        incoming.update_id,
        incoming.message.date,
        user_id=incoming.user_id if incoming.user_id > 0 else None,
        chat_id=None if incoming.private else incoming.chat_id,
    )
    if wait is None:
        return False
    word = slow_down(wait.whose, wait.limit, wait.wait_s, incoming.language)
    if album is not None and await _is_begun(incoming.chat_id, album, services):
        await refuse(Refusal(Failure.TOO_MANY, word), album, incoming.message.message_id, incoming, services)
    elif services.fair_use.to_be_told(wait.whose, wait.id):
        await reply(incoming, services, word)
        services.fair_use.told(wait.whose, wait.id, wait.wait_s)
    return True


async def _is_begun(chat_id: int, album: str, services: Services) -> bool:
    """Whether photos of it were taken: their answer then names those that were not, by their numbers."""
    async with services.database.unit(read_only=True) as unit:
        return await unit.albums.get(chat_id, album) is not None
