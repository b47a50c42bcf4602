"""/watch on, /watch off: whether every photo of a group is answered. Its admins decide."""

from bot.conversation.context import Services
from bot.conversation.groups.watch_view import Watch, watch_view
from bot.conversation.reply import reply
from bot.telegram.update import Incoming

WANTED = {"on": True, "off": False}


async def watch(incoming: Incoming, services: Services) -> None:
    """Without on or off: how it is."""
    await reply(incoming, services, watch_view(await _obey(incoming, services), incoming.language))


async def _obey(incoming: Incoming, services: Services) -> Watch:
    if incoming.private:
        return Watch.PRIVATE
    words = (incoming.message.text if incoming.message is not None else None) or ""
    wanted = WANTED.get(" ".join(words.lower().split()[1:]))
    if wanted is None:
        async with services.database.unit(read_only=True) as unit:
            return Watch.IS_ON if await unit.chats.answers_all(incoming.chat_id) else Watch.IS_OFF
    if not await services.groups.is_admin(incoming.chat_id, incoming.user_id):
        return Watch.ADMINS_ONLY
    async with services.database.unit() as unit:
        await unit.chats.set_answers_all(incoming.chat_id, wanted, set_by=incoming.user_id)
    if not wanted:
        return Watch.OFF
    return Watch.ON if await services.groups.sees_everything(incoming.chat_id) else Watch.ON_BUT_BLIND
