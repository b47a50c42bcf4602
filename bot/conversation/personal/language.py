"""/language: which one to speak with somebody."""

from bot.conversation.context import Services
from bot.conversation.moderation.menu import give_menu, speak_in_menu, take_menu
from bot.conversation.personal.language_view import language_choice
from bot.conversation.reply import reply
from bot.telegram.message import View
from bot.telegram.update import Incoming
from bot.texts import languages, pick


async def language(incoming: Incoming, services: Services) -> None:
    """Ask."""
    async with services.database.unit(read_only=True) as unit:
        user = await unit.users.get(incoming.user_id)
    chosen = user.language if user is not None else None
    await reply(incoming, services, language_choice(chosen, incoming.user_id, incoming.language))


async def choose_language(incoming: Incoming, services: Services, choice: str) -> View:
    """Note the choice, and show it in the language that was chosen."""
    chosen = choice if choice in languages() else None
    async with services.database.unit() as unit:
        await unit.users.set_language(incoming.user_id, chosen)
        user = await unit.users.get(incoming.user_id)
    telegram_code = user.language_code if user is not None else None
    spoken = pick(chosen, telegram_code, services.language)
    if incoming.private:
        await _translate_menu(incoming, services, chosen, spoken)
    return language_choice(chosen, incoming.user_id, spoken)


async def _translate_menu(incoming: Incoming, services: Services, chosen: str | None, spoken: str) -> None:
    """The commands' descriptions follow the app's language, unless told otherwise for this chat."""
    bot, outgoing, user_id = services.bot, services.outgoing, incoming.user_id
    moderator = user_id in services.moderators()
    if chosen is not None:
        await speak_in_menu(bot, outgoing, user_id, chosen, moderator=moderator)
    elif moderator:
        await give_menu(bot, outgoing, user_id, spoken)
    else:
        await take_menu(bot, outgoing, user_id)
