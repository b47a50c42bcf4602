"""/stats."""

from bot.conversation.context import Context
from bot.conversation.personal.stats_view import stats as stats_view
from bot.conversation.reply import reply
from bot.telegram.update import ChatUpdate


async def stats(update: ChatUpdate, context: Context) -> None:
    """Say what everybody together has taught; from counts that are kept, so that a million rows cost nothing."""
    async with context.database.unit(read_only=True) as unit:
        community = await unit.stats.community()
        champion = await unit.model_versions.champion()
    await reply(update, context, stats_view(community, champion, update.language))
