"""Several bots on one PostgreSQL and one NATS: one leads, and whoever goes is replaced."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import cast

import pytest
from cluster_stage import ClusterStage
from postgres_server import EMPTY, PostgresServer, postgres_server
from stage import CLUSTER, Stage, photo

from bot.app import BotApp
from bot.parts import Parts
from bot.pipeline.leader import Looks
from db import migrate
from db.database import Database
from db.photos.photo_store import open_photo_store
from inference.queue.nats.jobs import NatsQueue
from inference.queue.nats.results import NatsResults
from sandbox import ALICE, BRUNO, ChatMessage

LINES = (CLUSTER,)
PEOPLE = 12


@dataclass
class Life:
    """One of several bots."""

    app: BotApp
    stopping: asyncio.Event
    running: "asyncio.Task[None]"

    async def stop(self) -> None:
        self.stopping.set()
        await self.running

    async def die(self) -> None:
        """Without a word, as by kill -9: leases are not given back."""
        self.running.cancel()
        await asyncio.wait([self.running])


@asynccontextmanager
async def a_bot(stage: ClusterStage) -> AsyncIterator[Life]:
    async with AsyncExitStack() as stack:
        database = await Database.open(stage.database_url, pool=4)
        stack.push_async_callback(database.close)
        link = await stack.enter_async_context(stage.link("bot"))
        queue = await stack.enter_async_context(NatsQueue(link))
        photos = open_photo_store(stage.folder / "photos")
        parts = Parts(
            stage.settings, database, photos, queue, timing=stage.timing, looks=Looks(link), times=stage.times
        )
        app = BotApp(parts)
        stopping = asyncio.Event()
        running = asyncio.ensure_future(app.run(stopping, NatsResults(link, queue, app.parts.results.report)))
        life = Life(app, stopping, running)
        try:
            yield life
        finally:
            if not running.done():
                await life.stop()


@asynccontextmanager
async def bots(stage: ClusterStage, count: int) -> AsyncIterator[list[Life]]:
    """So many, one of which leads; and a worker."""
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(stage.working())
        lives = [await stack.enter_async_context(a_bot(stage)) for _ in range(count)]
        await led(stage, lives)
        yield lives


def leaders(lives: list[Life]) -> list[Life]:
    return [life for life in lives if life.app.parts.leader.leads]


async def led(stage: Stage, lives: list[Life]) -> Life:
    """Wait until one of them leads; never do two."""
    await stage.until(lambda: leaders(lives))
    (leader,) = leaders(lives)
    return leader


async def photos_of_many(stage: Stage, each: int) -> list[ChatMessage]:
    people = [ALICE, BRUNO, *(stage.chat.add_person(f"Person {number}") for number in range(PEOPLE - 2))]
    return [
        await stage.chat.send_photo(person, photo(n * 16 + k)) for n in range(each) for k, person in enumerate(people)
    ]


def answers(stage: Stage, sent: list[ChatMessage]) -> Counter[tuple[int, int]]:
    """How often each photo was answered."""
    chats = {one.chat_id for one in sent}
    return Counter(
        (chat, one.reply_to_id or 0) for chat in chats for one in stage.chat.messages(chat) if one.has_button("✅")
    )


async def all_answered(stage: Stage, sent: list[ChatMessage], timeout_s: float = 30) -> None:
    """Wait until each photo has its answer; that a reply is there is not enough, it may be a word in between."""
    asked = {(one.chat_id, one.message_id) for one in sent}
    await stage.until(lambda: asked <= answers(stage, sent).keys(), timeout_s)


@pytest.fixture
def cluster(stage: Stage) -> ClusterStage:
    return cast("ClusterStage", stage)


async def test_one_of_three_bots_leads_and_every_photo_is_answered_once(cluster: ClusterStage) -> None:
    async with bots(cluster, 3) as lives:
        sent = await photos_of_many(cluster, 3)
        await all_answered(cluster, sent)

        told = [life.app.parts.metrics.answer_seconds._sum.get() > 0 for life in lives]

    assert set(answers(cluster, sent).values()) == {1}
    assert any(told)


async def test_when_the_bot_that_leads_dies_another_one_goes_on_and_answers_everything(cluster: ClusterStage) -> None:
    async with bots(cluster, 3) as lives:
        first = await photos_of_many(cluster, 2)
        await all_answered(cluster, first[:3])
        dead = await led(cluster, lives)
        await dead.die()
        second = await photos_of_many(cluster, 1)
        await all_answered(cluster, first + second)
        await led(cluster, [life for life in lives if life is not dead])


async def test_bots_come_and_go_one_after_the_other_without_a_photo_being_answered_twice(cluster: ClusterStage) -> None:
    sent = []
    async with bots(cluster, 2) as lives:
        async with a_bot(cluster) as third:
            sent += await photos_of_many(cluster, 1)
            await led(cluster, [*lives, third])
            sent += await photos_of_many(cluster, 1)
            await lives[0].stop()
            sent += await photos_of_many(cluster, 1)
        sent += await photos_of_many(cluster, 1)
        await all_answered(cluster, sent)

    assert set(answers(cluster, sent).values()) == {1}
    assert cluster.edit_database("SELECT count(*) FROM leases") == [(0,)]


@pytest.fixture
def own_server() -> Iterator[PostgresServer]:
    with postgres_server() as server:
        yield server


@pytest.mark.slow
async def test_a_database_that_is_away_for_a_while_is_waited_for_and_nothing_is_said_twice(
    cluster: ClusterStage, own_server: PostgresServer
) -> None:
    cluster.postgres, cluster.name = own_server, own_server.new_database(EMPTY)
    await migrate.upgrade(cluster.database_url)
    async with bots(cluster, 2) as lives:
        sent = await photos_of_many(cluster, 2)
        await all_answered(cluster, sent[:2])
        own_server.stop(kill=True)
        await cluster.until(lambda: leaders(lives) == [])
        sent += await photos_of_many(cluster, 1)
        own_server.start()
        await all_answered(cluster, sent, timeout_s=60)
        await led(cluster, lives)

    assert set(answers(cluster, sent).values()) == {1}
