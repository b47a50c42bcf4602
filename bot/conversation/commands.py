"""Slash commands."""

from collections.abc import Awaitable, Callable

from bot.conversation.breeds.handler import breeds, list_breeds
from bot.conversation.breeds.inline_view import START_BREEDS
from bot.conversation.context import Services
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
from bot.telegram.update import Incoming

Command = Callable[[Incoming, Services], Awaitable[None]]


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


async def command(incoming: Incoming, services: Services) -> None:
    """Do what is asked; say of what is no command that it is none, in groups only if we were named."""
    text = incoming.message.text if incoming.message is not None else None
    found = command_of(text, services.bot.username)
    if found is None:
        return
    name, named = found
    async with services.database.unit() as unit:
        await unit.users.await_search(incoming.user_id, None)
    moderator = incoming.user_id in services.moderators()
    known = _COMMANDS.get(name) or (_FOR_MODERATORS.get(name) if moderator else None)
    if incoming.user_id < 0 and name in _PERSONAL:
        await reply(incoming, services, notice(Notice.AS_YOURSELF, incoming.language))
    elif known is not None:
        await known(incoming, services)
    elif incoming.private or named:
        await reply(incoming, services, notice(Notice.UNKNOWN_COMMAND, incoming.language))
        if name in _FOR_MODERATORS and incoming.private:
            await take_menu(services.bot, services.outgoing, incoming.user_id)


async def _start(incoming: Incoming, services: Services) -> None:
    text = (incoming.message.text if incoming.message is not None else None) or ""
    if text.split()[1:] == [START_BREEDS]:
        await list_breeds(incoming, services)
        return
    await services.outgoing.send(incoming.chat_id, guidance.start(incoming.language))
    if incoming.private and incoming.user_id in services.moderators():
        user_id = incoming.user_id
        await give_own_menu(services.bot, services.outgoing, services.database, user_id, incoming.language)


async def _help(incoming: Incoming, services: Services) -> None:
    await services.outgoing.send(incoming.chat_id, guidance.help_(incoming.language))


async def _cancel(incoming: Incoming, services: Services) -> None:
    """What somebody was asked to type is no longer waited for: every command sees to that."""
    awaited = incoming.awaiting_search_for is not None or incoming.reviewing is not None
    await reply(incoming, services, guidance.cancelled(incoming.language, awaited=awaited))


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
