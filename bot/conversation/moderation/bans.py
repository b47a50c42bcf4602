"""/ban and /unban: a moderator stops somebody from using the bot, by their id or by replying to them."""

import re

from bot.conversation.context import Services
from bot.conversation.moderation.bans_view import ban_done, ban_refused, ban_usage, unban_done
from bot.conversation.reply import reply
from bot.telegram.update import Incoming

_ID = re.compile(r"[1-9][0-9]{0,18}", re.ASCII)


async def ban(incoming: Incoming, services: Services) -> None:
    """Their photos and claims stay what they are; they may still ask for their data, and have it deleted."""
    user_id = _meant(incoming, services)
    if user_id is None:
        await reply(incoming, services, ban_usage(incoming.language))
    elif user_id in services.moderators():
        await reply(incoming, services, ban_refused(incoming.language))
    else:
        async with services.database.unit() as unit:
            new = await unit.users.ban(user_id)
        await reply(incoming, services, ban_done(user_id, new, incoming.language))


async def unban(incoming: Incoming, services: Services) -> None:
    """Answer them again."""
    user_id = _meant(incoming, services)
    if user_id is None:
        await reply(incoming, services, ban_usage(incoming.language))
        return
    async with services.database.unit() as unit:
        was_banned = await unit.users.unban(user_id)
    await reply(incoming, services, unban_done(user_id, was_banned, incoming.language))


def _meant(incoming: Incoming, services: Services) -> int | None:
    """The number after the command, else whose message this replies to."""
    message = incoming.message
    if message is None:
        return None
    words = (message.text or "").split()[1:]
    if words:
        return int(words[0]) if len(words) == 1 and _ID.fullmatch(words[0]) and int(words[0]) < 2**63 else None
    person = message.reply_to_message.from_user if message.reply_to_message is not None else None
    return person.id if person is not None and person.id != services.bot.id else None
