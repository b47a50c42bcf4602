"""/ban and /unban: a moderator stops somebody from using the bot, by their id or by replying to them."""

import re

from bot.conversation.context import Context
from bot.conversation.moderation.bans_view import ban_done, ban_refused, ban_usage, unban_done
from bot.conversation.reply import reply
from bot.telegram.update import ChatUpdate

_ID = re.compile(r"[1-9][0-9]{0,18}", re.ASCII)


async def ban(update: ChatUpdate, context: Context) -> None:
    """Their photos and claims stay what they are; they may still ask for their data, and have it deleted."""
    user_id = _meant(update, context)
    if user_id is None:
        await reply(update, context, ban_usage(update.language))
    elif user_id in context.moderators():
        await reply(update, context, ban_refused(update.language))
    else:
        async with context.database.unit() as unit:
            new = await unit.users.ban(user_id)
        await reply(update, context, ban_done(user_id, new, update.language))


async def unban(update: ChatUpdate, context: Context) -> None:
    """Answer them again."""
    user_id = _meant(update, context)
    if user_id is None:
        await reply(update, context, ban_usage(update.language))
        return
    async with context.database.unit() as unit:
        was_banned = await unit.users.unban(user_id)
    await reply(update, context, unban_done(user_id, was_banned, update.language))


def _meant(update: ChatUpdate, context: Context) -> int | None:
    """The number after the command, else whose message this replies to."""
    message = update.message
    if message is None:
        return None
    words = (message.text or "").split()[1:]
    if words:
        return int(words[0]) if len(words) == 1 and _ID.fullmatch(words[0]) and int(words[0]) < 2**63 else None
    person = message.reply_to_message.from_user if message.reply_to_message is not None else None
    return person.id if person is not None and person.id != context.bot.id else None
