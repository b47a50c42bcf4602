"""We were added to a group, or removed from one."""

from telegram.constants import ChatMemberStatus

from bot.conversation.context import Context
from bot.conversation.personal.help_view import group_hello
from bot.telegram.update import ChatUpdate

_THERE = frozenset({ChatMemberStatus.MEMBER, ChatMemberStatus.ADMINISTRATOR, ChatMemberStatus.RESTRICTED})


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
