"""We are added to a group, or removed; /watch on, /watch off: whether every photo of it is answered."""

from telegram.constants import ChatMemberStatus

from bot.conversation.context import Context
from bot.conversation.groups.watch_view import Watch, watch_view
from bot.conversation.personal.help_view import group_hello
from bot.conversation.replies import reply
from bot.conversation.router import Router
from bot.telegram.update import ChatUpdate, UpdateKind

WANTED = {"on": True, "off": False}

_THERE = frozenset({ChatMemberStatus.MEMBER, ChatMemberStatus.ADMINISTRATOR, ChatMemberStatus.RESTRICTED})


def register(router: Router) -> None:
    """The command, and what is done when we come to a group or leave it."""
    router.command("watch", watch)
    router.on(UpdateKind.MEMBER, membership)


async def membership(update: ChatUpdate, context: Context) -> None:
    """A short hello where we are new; where we are no longer, nothing is kept of the group. Private chats: nothing."""
    change = update.member
    if change is None or update.private:
        return
    was, there = change.old_chat_member.status in _THERE, change.new_chat_member.status in _THERE
    if there and not was and change.chat.type != "channel":
        await context.sender.send(update.chat_id, group_hello(context.bot.username, update.language))
    elif was and not there:
        await context.groups.left(update.chat_id)


async def watch(update: ChatUpdate, context: Context) -> None:
    """Its admins decide. Without on or off: how it is."""
    await reply(update, context, watch_view(await _obey(update, context), update.language))


async def _obey(update: ChatUpdate, context: Context) -> Watch:
    if update.private:
        return Watch.PRIVATE
    wanted = WANTED.get(" ".join(update.words).lower())
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
