"""We were added to a group, or removed from one."""

from telegram.constants import ChatMemberStatus

from bot.conversation.context import Services
from bot.conversation.personal.help_view import group_hello
from bot.telegram.update import Incoming

_THERE = frozenset({ChatMemberStatus.MEMBER, ChatMemberStatus.ADMINISTRATOR, ChatMemberStatus.RESTRICTED})


async def membership(incoming: Incoming, services: Services) -> None:
    """A short hello where we are new; where we are no longer, nothing is kept of the group. Private chats: nothing."""
    change = incoming.member
    if change is None or incoming.private:
        return
    was, there = change.old_chat_member.status in _THERE, change.new_chat_member.status in _THERE
    if there and not was and change.chat.type != "channel":
        await services.outgoing.send(incoming.chat_id, group_hello(services.bot.username, incoming.language))
    elif was and not there:
        await services.groups.left(incoming.chat_id)
