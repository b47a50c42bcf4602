"""One of several bots: its place at the shared line, and its share of the chats."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from bot.app import BotApp, Consumer
from bot.pipeline.partitions.lease_holder import Terms, ownership_on
from bot.pipeline.partitions.ownership import Ownership
from bot.pipeline.partitions.wake_calls import NatsWakes
from db.database import Database
from inference.queue.nats.connection import NatsLink
from inference.queue.nats.jobs import NatsQueue
from inference.queue.nats.results import NatsResults


@dataclass(frozen=True, slots=True)
class Place:
    """What a `BotApp` is given when its worker is elsewhere; `results` is then run beside it."""

    link: NatsLink
    queue: NatsQueue
    wakes: NatsWakes
    ownership: Ownership

    def results(self, app: BotApp) -> Consumer:
        """Stands where the worker would be: what workers report goes to `app`."""
        return NatsResults(self.link, self.queue, app.report)


@asynccontextmanager
async def place_at(
    link: NatsLink, database: Database, *, poller: bool, terms: Terms | None = None
) -> AsyncIterator[Place]:
    """Take a place. A bot on SQLite is alone on it; those on one PostgreSQL share.

    Args:
        link: connected, or about to be.
        database: open.
        poller: there is no webhook, so that one of the bots has to poll.
        terms: of the leases.
    """
    wakes = NatsWakes(link)
    ownership = ownership_on(database, poller=poller, terms=terms, tell=wakes.leases)
    async with NatsQueue(link) as queue:
        yield Place(link, queue, wakes, ownership)
