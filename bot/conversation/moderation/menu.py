"""The menu of commands in a moderator's private chat: everybody's, and theirs."""

import logging
from functools import partial

from telegram import BotCommandScopeChat

from bot.conversation.personal.help_view import commands, moderator_commands
from bot.pipeline.keyed_queue import Later
from bot.telegram.client import TelegramBot
from bot.telegram.sender import Refused, Sender
from bot.texts import languages
from db.database import Database

log = logging.getLogger(__name__)


async def give_own_menu(bot: TelegramBot, sender: Sender, database: Database, moderator_id: int, language: str) -> None:
    """A moderator's menu as they want it: in the language they chose, else in each. ``language``: see `give_menu`."""
    async with database.unit(read_only=True) as unit:
        moderator = await unit.users.get(moderator_id)
    if moderator is not None and moderator.language is not None:
        await speak_in_menu(bot, sender, moderator_id, moderator.language, moderator=True)
    else:
        await give_menu(bot, sender, moderator_id, language)


async def give_menu(bot: TelegramBot, sender: Sender, moderator_id: int, language: str) -> None:
    """Show a moderator's commands in each language. ``language``: for apps that speak none of ours."""
    for code, spoken in {"": language, **{one: one for one in languages()}}.items():
        menu = (*commands(spoken), *moderator_commands(spoken))
        set_menu = partial(bot.set_my_commands, menu, BotCommandScopeChat(moderator_id), language_code=code)
        try:
            await sender.call(moderator_id, set_menu)
        except (Later, Refused) as trouble:  # somebody who never wrote to us has no chat yet; /start tries again
            log.info("moderator %s has no menu of their own: %s", moderator_id, trouble)
            return


async def speak_in_menu(bot: TelegramBot, sender: Sender, user_id: int, language: str, *, moderator: bool) -> None:
    """Show somebody their commands in one language, whatever their app speaks."""
    menu = (*commands(language), *(moderator_commands(language) if moderator else ()))
    for code in ("", *languages()):
        set_menu = partial(bot.set_my_commands, menu, BotCommandScopeChat(user_id), language_code=code)
        try:
            await sender.call(user_id, set_menu)
        except (Later, Refused) as trouble:
            log.info("the menu of user %s keeps its language: %s", user_id, trouble)
            return


async def take_menu(bot: TelegramBot, sender: Sender, user_id: int) -> None:
    """Show somebody who is no moderator (any more) what everybody sees."""
    for code in ("", *languages()):
        drop = partial(bot.delete_my_commands, BotCommandScopeChat(user_id), language_code=code)
        try:
            await sender.call(user_id, drop)
        except (Later, Refused) as trouble:
            log.info("the menu of user %s stays as it is: %s", user_id, trouble)
            return
