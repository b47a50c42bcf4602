"""/language: which one to speak with somebody."""

from bot.conversation.context import Context
from bot.conversation.menu import give_menu, speak_in_menu, take_menu
from bot.conversation.personal.language_view import language_choice
from bot.conversation.personal.press import OwnPress
from bot.conversation.replies import nod, reply, turn
from bot.conversation.settings.press import SettingsPress
from bot.telegram.message import View
from bot.telegram.update import ChatUpdate
from bot.texts import languages, pick


async def language(update: ChatUpdate, context: Context) -> None:
    """Ask."""
    await reply(update, context, await _choice(update, context))


async def language_page(update: ChatUpdate, context: Context, _: SettingsPress) -> None:
    """The same in place of the card of settings."""
    await nod(update, context)
    await turn(update, context, await _choice(update, context))


async def _choice(update: ChatUpdate, context: Context) -> View:
    async with context.database.unit(read_only=True) as unit:
        user = await unit.users.get(update.user_id)
    return language_choice(user.language if user is not None else None, update.user_id, update.language)


async def choose_language(update: ChatUpdate, context: Context, pressed: OwnPress) -> None:
    """Note the choice, and show it in the language that was chosen."""
    chosen = pressed.choice if pressed.choice in languages() else None
    async with context.database.unit() as unit:
        await unit.users.set_language(update.user_id, chosen)
        user = await unit.users.get(update.user_id)
    telegram_code = user.language_code if user is not None else None
    spoken = pick(chosen, telegram_code, context.language)
    if update.private:
        await _translate_menu(update, context, chosen, spoken)
    await nod(update, context)
    await turn(update, context, language_choice(chosen, update.user_id, spoken))


async def _translate_menu(update: ChatUpdate, context: Context, chosen: str | None, spoken: str) -> None:
    """The commands' descriptions follow the app's language, unless told otherwise for this chat."""
    if chosen is not None:
        await speak_in_menu(context, update.user_id, chosen)
    elif update.user_id in context.moderators():
        await give_menu(context, update.user_id, spoken)
    else:
        await take_menu(context, update.user_id)
