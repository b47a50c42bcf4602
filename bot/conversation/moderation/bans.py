"""/ban and /unban: a moderator stops somebody from using the bot, by their id or by replying to them."""

import re

from bot.conversation.context import Context
from bot.conversation.replies import reply
from bot.conversation.router import Router
from bot.telegram.message import View
from bot.telegram.update import ChatUpdate
from bot.texts import say

_ID = re.compile(r"[1-9][0-9]{0,18}", re.ASCII)


def register(router: Router) -> None:
    """Commands that nobody else knows."""
    router.command("ban", ban, moderators=True)
    router.command("unban", unban, moderators=True)


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
    if words := update.words:
        return int(words[0]) if len(words) == 1 and _ID.fullmatch(words[0]) and int(words[0]) < 2**63 else None
    person = message.reply_to_message.from_user if message.reply_to_message is not None else None
    return person.id if person is not None and person.id != context.bot.id else None


def ban_usage(language: str) -> View:
    """How to name somebody."""
    return View(say(language, "ban-usage"))


def ban_refused(language: str) -> View:
    """Moderators cannot ban each other."""
    return View(say(language, "ban-moderator"))


def ban_done(user_id: int, new: bool, language: str) -> View:
    """They get no answers any more."""
    return View(say(language, "ban-done" if new else "ban-already", user=str(user_id)))


def unban_done(user_id: int, new: bool, language: str) -> View:
    """They do again."""
    return View(say(language, "unban-done" if new else "unban-nothing", user=str(user_id)))
