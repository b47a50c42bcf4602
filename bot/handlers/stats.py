"""/stats."""

from bot.handlers.reply import reply
from bot.incoming import Incoming
from bot.services import Services
from bot.views.stats import stats as stats_view


async def stats(incoming: Incoming, services: Services) -> None:
    """Say what everybody together has taught; from counts that are kept, so that a million rows cost nothing."""
    async with services.database.unit(read_only=True) as unit:
        community = await unit.stats.community()
        champion = await unit.model_versions.champion()
    await reply(incoming, services, stats_view(community, champion, incoming.language))
