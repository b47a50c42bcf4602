"""More photos than one person or group may send: left out, with one word about it for each wait."""

from bot.conversation.context import Context
from bot.conversation.photo.refusal import Refusal, refuse
from bot.conversation.replies import reply
from bot.telegram.message import View
from bot.telegram.update import ChatUpdate
from bot.texts import duration, say
from inference.queue.protocol import Failure


async def held_back(update: ChatUpdate, context: Context, album: str | None) -> bool:
    """Whether this photo is one too many. Costs nothing but a look into memory, for people who are known there."""
    if update.message_id is None:
        return False
    wait = await context.fair_use.admit(
        update.update_id,
        update.sent_at,
        user_id=update.user_id if update.user_id > 0 else None,
        chat_id=None if update.private or update.guest_query_id is not None else update.chat_id,
    )
    if wait is None:
        return False
    word = slow_down(wait.whose, wait.limit, wait.wait_s, update.language)
    if album is not None and await _is_begun(update.chat_id, album, context):
        await refuse(Refusal(Failure.TOO_MANY, word), album, update.message_id, update, context)
    elif context.fair_use.to_be_told(wait.whose, wait.id):
        await reply(update, context, word)
        context.fair_use.told(wait.whose, wait.id, wait.wait_s)
    return True


async def _is_begun(chat_id: int, album: str, context: Context) -> bool:
    """Whether photos of it were taken: their answer then names those that were not, by their numbers."""
    async with context.database.unit(read_only=True) as unit:
        return await unit.albums.get(chat_id, album) is not None


def slow_down(whose: str, limit: int, wait_s: float, language: str) -> View:
    """What was left out, and when there is room again. ``whose``: "user" or "chat"; ``limit``: photos a minute."""
    key = "slow-down-user" if whose == "user" else "slow-down-chat"
    return View(say(language, key, limit=limit, wait=duration(wait_s, language)))
