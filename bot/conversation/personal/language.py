"""/language: which one to speak with somebody."""

from bot.conversation.context import Context
from bot.conversation.moderation.menu import give_menu, speak_in_menu, take_menu
from bot.conversation.personal.language_view import language_choice
from bot.conversation.reply import reply
from bot.telegram.message import View
from bot.telegram.update import ChatUpdate
from bot.texts import languages, pick


async def language(update: ChatUpdate, context: Context) -> None:
    """Ask."""
    async with context.database.unit(read_only=True) as unit:
        user = await unit.users.get(update.user_id)
    chosen = user.language if user is not None else None
    await reply(update, context, language_choice(chosen, update.user_id, update.language))


async def choose_language(update: ChatUpdate, context: Context, choice: str) -> View:
    """Note the choice, and show it in the language that was chosen."""
    chosen = choice if choice in languages() else None
    async with context.database.unit() as unit:
        await unit.users.set_language(update.user_id, chosen)
        user = await unit.users.get(update.user_id)
    telegram_code = user.language_code if user is not None else None
    spoken = pick(chosen, telegram_code, context.language)
    if update.private:
        await _translate_menu(update, context, chosen, spoken)
    return language_choice(chosen, update.user_id, spoken)


async def _translate_menu(update: ChatUpdate, context: Context, chosen: str | None, spoken: str) -> None:
    """The commands' descriptions follow the app's language, unless told otherwise for this chat."""
    bot, sender, user_id = context.bot, context.sender, update.user_id
    moderator = user_id in context.moderators()
    if chosen is not None:
        await speak_in_menu(bot, sender, user_id, chosen, moderator=moderator)
    elif moderator:
        await give_menu(bot, sender, user_id, spoken)
    else:
        await take_menu(bot, sender, user_id)
