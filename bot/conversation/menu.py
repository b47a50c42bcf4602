"""The menu of commands that Telegram shows: everybody's, and moderators' own."""

import logging
from collections.abc import Mapping
from functools import partial

from telegram import BotCommandScopeAllChatAdministrators, BotCommandScopeChat

from bot.conversation.context import Context
from bot.errors import Later, Refused
from bot.texts import languages, say_plain

COMMANDS = (
    *("start", "help", "breed", "breeds", "compare", "watch", "history", "stats"),
    *("settings", "language", "privacy", "mydata", "forget", "cancel"),
)
MODERATOR_COMMANDS = ("review", "models", "retrain")

Menu = tuple[tuple[str, str], ...]  # commands with descriptions

log = logging.getLogger(__name__)


async def give_menus(context: Context) -> None:
    """Show everybody's in each language; a bot without them works, too. Admins' own is one of earlier versions."""
    admins = BotCommandScopeAllChatAdministrators()
    for code, language in spoken(context.language).items():
        show = partial(context.bot.set_my_commands, commands(language), language_code=code)
        take = partial(context.bot.delete_my_commands, admins, language_code=code)
        try:
            for change in (show, take):
                await context.sender.call(0, change)
        except (Later, Refused) as trouble:
            log.warning("the commands could not be registered for %r: %s", code, trouble)


async def give_own_menu(context: Context, moderator_id: int, language: str) -> None:
    """A moderator's menu as they want it: in the language they chose, else in each. ``language``: see `give_menu`."""
    async with context.database.unit(read_only=True) as unit:
        moderator = await unit.users.get(moderator_id)
    if moderator is not None and moderator.language is not None:
        await speak_in_menu(context, moderator_id, moderator.language)
    else:
        await give_menu(context, moderator_id, language)


async def give_menu(context: Context, moderator_id: int, language: str) -> None:
    """Show a moderator's commands in each language. ``language``: for apps that speak none of ours."""
    menus = {code: (*commands(one), *moderator_commands(one)) for code, one in spoken(language).items()}
    await _show(context, moderator_id, menus)


async def speak_in_menu(context: Context, user_id: int, language: str) -> None:
    """Show somebody their commands in one language, whatever their app speaks."""
    moderator = user_id in context.moderators()
    menu = (*commands(language), *(moderator_commands(language) if moderator else ()))
    await _show(context, user_id, dict.fromkeys(spoken(language), menu))


async def take_menu(context: Context, user_id: int) -> None:
    """Show somebody who is no moderator (any more) what everybody sees."""
    await _show(context, user_id, dict.fromkeys(spoken(context.language), ()))


def spoken(language: str) -> dict[str, str]:
    """What to speak, by the language of an app; "" = one that speaks none of ours."""
    return {"": language, **{code: code for code in languages()}}


async def _show(context: Context, user_id: int, menus: Mapping[str, Menu]) -> None:
    """In somebody's own chat; an empty menu = none of their own."""
    scope = BotCommandScopeChat(user_id)
    for code, menu in menus.items():
        change = partial(context.bot.set_my_commands, menu) if menu else context.bot.delete_my_commands
        try:
            await context.sender.call(user_id, partial(change, scope=scope, language_code=code))
        except (Later, Refused) as trouble:  # who never wrote to us has no chat yet; /start tries again
            log.info("the menu of user %s stays as it is: %s", user_id, trouble)
            return


def commands(language: str) -> Menu:
    """Commands with descriptions, for setMyCommands."""
    return _described(COMMANDS, language)


def moderator_commands(language: str) -> Menu:
    """Those that moderators have besides."""
    return _described(MODERATOR_COMMANDS, language)


def _described(names: tuple[str, ...], language: str) -> Menu:
    return tuple((command, say_plain(language, f"command-{command}")) for command in names)
