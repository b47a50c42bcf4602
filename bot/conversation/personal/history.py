"""/history: one's own answers."""

from bot.conversation.context import Context
from bot.conversation.personal.history_view import ON_PAGE, history, history_is_private
from bot.conversation.reply import reply
from bot.telegram.message import View
from bot.telegram.update import ChatUpdate


async def past_answers(update: ChatUpdate, context: Context) -> None:
    """Show the newest page, where nobody looks on."""
    if not update.private:
        await reply(update, context, history_is_private(update.language))
        return
    await context.sender.send(update.chat_id, await history_page(update, context, 0))


async def history_page(update: ChatUpdate, context: Context, page: int) -> View:
    """One page; the last one where there are fewer by now."""
    async with context.database.unit(read_only=True) as unit:
        total = await unit.history.count(update.user_id)
        page = min(page, max(0, (total - 1) // ON_PAGE))
        answers = await unit.history.page(update.user_id, limit=ON_PAGE, offset=page * ON_PAGE)
    return history(answers, total, page, update.user_id, update.language)
