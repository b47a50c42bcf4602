"""/stats."""

from bot.conversation.context import Services
from bot.conversation.personal.stats_view import stats as stats_view
from bot.conversation.reply import reply
from bot.telegram.update import Incoming


async def stats(incoming: Incoming, services: Services) -> None:
    """Say what everybody together has taught; from counts that are kept, so that a million rows cost nothing."""
    async with services.database.unit(read_only=True) as unit:
        community = await unit.stats.community()
        champion = await unit.model_versions.champion()
    await reply(incoming, services, stats_view(community, champion, incoming.language))
