"""Slash commands."""

from bot.handlers.reply import reply
from bot.incoming import Incoming
from bot.services import Services
from bot.views import guidance
from bot.views.notice import Notice, notice


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
    """Answer /start and /help; say of others that there is no such command, in groups only if we were named."""
    text = incoming.message.text if incoming.message is not None else None
    found = command_of(text, services.bot.username)
    if found is None:
        return
    name, named = found
    async with services.database.unit() as unit:
        await unit.users.await_search(incoming.user_id, None)
    if name == "start":
        await services.outgoing.send(incoming.chat_id, guidance.start(incoming.language))
    elif name == "help":
        await services.outgoing.send(incoming.chat_id, guidance.help_(incoming.language))
    elif incoming.private or named:
        await reply(incoming, services, notice(Notice.UNKNOWN_COMMAND, incoming.language))
