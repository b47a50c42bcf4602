"""/watch on, /watch off: whether every photo of a group is answered. Its admins decide."""

from bot.conversation.context import Context
from bot.conversation.groups.watch_view import Watch, watch_view
from bot.conversation.reply import reply
from bot.telegram.update import ChatUpdate

WANTED = {"on": True, "off": False}


async def watch(update: ChatUpdate, context: Context) -> None:
    """Without on or off: how it is."""
    await reply(update, context, watch_view(await _obey(update, context), update.language))


async def _obey(update: ChatUpdate, context: Context) -> Watch:
    if update.private:
        return Watch.PRIVATE
    words = (update.message.text if update.message is not None else None) or ""
    wanted = WANTED.get(" ".join(words.lower().split()[1:]))
    if wanted is None:
        async with context.database.unit(read_only=True) as unit:
            return Watch.IS_ON if await unit.chats.answers_all(update.chat_id) else Watch.IS_OFF
    if not await context.groups.is_admin(update.chat_id, update.user_id):
        return Watch.ADMINS_ONLY
    async with context.database.unit() as unit:
        await unit.chats.set_answers_all(update.chat_id, wanted, set_by=update.user_id)
    if not wanted:
        return Watch.OFF
    return Watch.ON if await context.groups.sees_everything(update.chat_id) else Watch.ON_BUT_BLIND
