"""What people read of the bot before they press Start, in each language: in its empty chat, and in its profile."""

import logging

from bot.conversation.context import Context
from bot.conversation.menu import spoken
from bot.errors import Later, Refused
from bot.texts import say_plain

log = logging.getLogger(__name__)


async def introduce(context: Context) -> None:
    """Set what is not so already: Telegram lets it be changed only so often. A bot without it works, too."""
    for code, language in spoken(context.language).items():
        try:
            await _describe(context, code, language)
        except (Later, Refused) as trouble:
            log.warning("the bot's description could not be set for %r: %s", code, trouble)


async def _describe(context: Context, code: str, language: str) -> None:
    bot, call = context.bot, context.sender.call
    description, short = say_plain(language, "bot-description"), say_plain(language, "bot-short-description")
    shown = await call(0, lambda: bot.get_my_description(code))
    if shown.description != description:
        await call(0, lambda: bot.set_my_description(description, code))
    shown_short = await call(0, lambda: bot.get_my_short_description(code))
    if shown_short.short_description != short:
        await call(0, lambda: bot.set_my_short_description(short, code))
