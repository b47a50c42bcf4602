"""The stage with PostgreSQL and NATS between bot and worker; any number of bots can share it."""

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass

import asyncpg  # type: ignore[import-untyped]
from postgres_server import PostgresServer
from stage import Line, Stage

from bot.pipeline.leader import LeaseTimes, Looks
from inference.queue.nats.connection import NatsLink
from inference.queue.nats.jobs import NatsQueue
from inference.queue.nats.results import NatsResults
from inference.queue.nats.url import NatsUrl

TIMES = LeaseTimes(lease_s=2.0, term_s=1.6, renew_s=0.3, again_s=0.1, look_s=0.1, calm_s=0.6)


@dataclass(kw_only=True)
class ClusterStage(Stage):
    """Holds what survives: the chat, the database, the line."""

    postgres: PostgresServer
    name: str
    nats_url: str
    times: LeaseTimes = TIMES

    @property
    def database_url(self) -> str:
        return self.postgres.url(self.name)

    @asynccontextmanager
    async def link(self, name: str) -> AsyncIterator[NatsLink]:
        """A connection of its own, as every process has one."""
        async with NatsLink(NatsUrl.parse(self.nats_url + f"&ack_wait=3s&limit={self.queue_limit}"), name) as link:
            await link.ready(10)
            yield link

    @asynccontextmanager
    async def line(self, *, work: bool) -> AsyncIterator[Line]:
        async with self.working(work=work), self.link("bot") as link, NatsQueue(link) as queue:
            yield Line(queue, lambda app: NatsResults(link, queue, app.parts.results.report), Looks(link), self.times)

    @asynccontextmanager
    async def working(self, *, work: bool = True) -> AsyncIterator[None]:
        """A worker that would be in another process."""
        async with self.link("worker") as link, NatsQueue(link) as queue, asyncio.TaskGroup() as group:
            self.hire(queue, work=work)
            self.worker.report = queue.report
            working = group.create_task(self.worker.run())
            yield
            working.cancel()

    def edit_database(self, statement: str) -> list[tuple[object, ...]]:
        async def run() -> list[tuple[object, ...]]:
            connection = await asyncpg.connect(
                host="127.0.0.1", port=self.postgres.port, user="postgres", database=self.name
            )
            try:
                return [tuple(row) for row in await connection.fetch(statement)]
            finally:
                await connection.close()

        with ThreadPoolExecutor(1) as elsewhere:
            return elsewhere.submit(asyncio.run, run()).result()
