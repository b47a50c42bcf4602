"""Slash commands."""

from collections.abc import Awaitable, Callable

from bot.conversation.breeds.handler import breeds, list_breeds
from bot.conversation.breeds.inline_view import START_BREEDS
from bot.conversation.context import Context
from bot.conversation.groups.watch import watch
from bot.conversation.moderation.bans import ban, unban
from bot.conversation.moderation.menu import give_own_menu, take_menu
from bot.conversation.moderation.models import models, retrain
from bot.conversation.moderation.review import review
from bot.conversation.personal import help_view as guidance
from bot.conversation.personal.handler import forget
from bot.conversation.personal.history import past_answers
from bot.conversation.personal.language import language
from bot.conversation.personal.notice import Notice, notice
from bot.conversation.personal.stats import stats
from bot.conversation.photo.replied_photo import breed
from bot.conversation.privacy.consent import privacy
from bot.conversation.privacy.my_data import my_data
from bot.conversation.reply import reply
from bot.telegram.update import ChatUpdate

Command = Callable[[ChatUpdate, Context], Awaitable[None]]


def command_of(text: str | None, bot_name: str) -> tuple[str, bool] | None:
    """The command a text begins with, and whether it is surely meant for us; None = no command, or another bot's.

    ``"/Start@breedbot now"`` → ``("start", True)``; ``"/start"`` → ``("start", False)``.
    """
    if not text or not text.startswith("/"):
        return None
    name, at, addressee = text.split(maxsplit=1)[0][1:].partition("@")
    if at and addressee.lower() != bot_name.lower():
        return None
    return name.lower(), bool(at)


async def command(update: ChatUpdate, context: Context) -> None:
    """Do what is asked; say of what is no command that it is none, in groups only if we were named."""
    text = update.message.text if update.message is not None else None
    found = command_of(text, context.bot.username)
    if found is None:
        return
    name, named = found
    async with context.database.unit() as unit:
        await unit.users.await_search(update.user_id, None)
    moderator = update.user_id in context.moderators()
    known = _COMMANDS.get(name) or (_FOR_MODERATORS.get(name) if moderator else None)
    if update.user_id < 0 and name in _PERSONAL:
        await reply(update, context, notice(Notice.AS_YOURSELF, update.language))
    elif known is not None:
        await known(update, context)
    elif update.private or named:
        await reply(update, context, notice(Notice.UNKNOWN_COMMAND, update.language))
        if name in _FOR_MODERATORS and update.private:
            await take_menu(context.bot, context.sender, update.user_id)


async def _start(update: ChatUpdate, context: Context) -> None:
    text = (update.message.text if update.message is not None else None) or ""
    if text.split()[1:] == [START_BREEDS]:
        await list_breeds(update, context)
        return
    await context.sender.send(update.chat_id, guidance.start(update.language))
    if update.private and update.user_id in context.moderators():
        user_id = update.user_id
        await give_own_menu(context.bot, context.sender, context.database, user_id, update.language)


async def _help(update: ChatUpdate, context: Context) -> None:
    await context.sender.send(update.chat_id, guidance.help_(update.language))


async def _cancel(update: ChatUpdate, context: Context) -> None:
    """What somebody was asked to type is no longer waited for: every command sees to that."""
    awaited = update.awaiting_search_for is not None or update.reviewing is not None
    await reply(update, context, guidance.cancelled(update.language, awaited=awaited))


_COMMANDS: dict[str, Command] = {
    "start": _start,
    "help": _help,
    "breed": breed,
    "breeds": breeds,
    "history": past_answers,
    "language": language,
    "stats": stats,
    "watch": watch,
    "cancel": _cancel,
    "forget": forget,
    "mydata": my_data,
    "privacy": privacy,
}
_PERSONAL = frozenset({"history", "language", "mydata", "forget", "privacy", "consent"})  # not for those without a name
_FOR_MODERATORS: dict[str, Command] = {
    "review": review,
    "models": models,
    "retrain": retrain,
    "ban": ban,
    "unban": unban,
}
