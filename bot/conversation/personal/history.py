"""/history: one's own answers."""

from bot.conversation.context import Services
from bot.conversation.personal.history_view import ON_PAGE, history, history_is_private
from bot.conversation.reply import reply
from bot.telegram.message import View
from bot.telegram.update import Incoming


async def past_answers(incoming: Incoming, services: Services) -> None:
    """Show the newest page, where nobody looks on."""
    if not incoming.private:
        await reply(incoming, services, history_is_private(incoming.language))
        return
    await services.outgoing.send(incoming.chat_id, await history_page(incoming, services, 0))


async def history_page(incoming: Incoming, services: Services, page: int) -> View:
    """One page; the last one where there are fewer by now."""
    async with services.database.unit(read_only=True) as unit:
        total = await unit.history.count(incoming.user_id)
        page = min(page, max(0, (total - 1) // ON_PAGE))
        answers = await unit.history.page(incoming.user_id, limit=ON_PAGE, offset=page * ON_PAGE)
    return history(answers, total, page, incoming.user_id, incoming.language)
