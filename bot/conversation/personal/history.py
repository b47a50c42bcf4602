"""/history: one's own answers."""

from bot.conversation.context import Context
from bot.conversation.personal.history_view import ON_PAGE, history, history_is_private
from bot.conversation.personal.press import OwnPress
from bot.conversation.replies import nod, post, reply, turn
from bot.telegram.message import View
from bot.telegram.update import ChatUpdate
from core.clock import utc_now


async def past_answers(update: ChatUpdate, context: Context) -> None:
    """Show the newest page, where nobody looks on."""
    if not update.private:
        await reply(update, context, history_is_private(update.language))
        return
    await post(update, context, await _page(update, context, 0))


async def turn_history(update: ChatUpdate, context: Context, pressed: OwnPress) -> None:
    """To another page, in place of the one before."""
    choice = pressed.choice or ""
    view = await _page(update, context, int(choice) if choice.isdecimal() else 0)
    await nod(update, context)
    await turn(update, context, view)


async def _page(update: ChatUpdate, context: Context, page: int) -> View:
    """One page; the last one where there are fewer by now."""
    async with context.database.unit(read_only=True) as unit:
        total = await unit.history.count(update.user_id)
        page = min(page, max(0, (total - 1) // ON_PAGE))
        answers = await unit.history.page(update.user_id, limit=ON_PAGE, offset=page * ON_PAGE)
    return history(answers, total, page, update.user_id, update.language, utc_now())
