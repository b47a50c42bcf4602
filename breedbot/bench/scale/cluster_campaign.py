"""Two bots, two workers, three NATS nodes and PostgreSQL, one of them hit in turn while photos come: what is lost?

Each bot is killed, frozen until another one leads, and cut off from its database; one of the two is the leader.
"""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from time import monotonic

from bot.pipeline.leader import LeaseTimes
from breedbot.bench.load.crowd import distinct
from breedbot.bench.load.ledger import Duplicates, keys_of
from breedbot.bench.load.life import Life
from breedbot.bench.load.scene import Scene, scene
from breedbot.bench.scale.relay import Relay
from breedbot.bench.scale.servers import NatsNode, Postgres, nats_nodes, nats_url, postgres_server
from breedbot.bench.serving.sample_photos import sample_photo
from breedbot.bench.waits import Waits
from inference.queue.nats.connection import NatsLink
from inference.queue.nats.jobs import whole_look
from inference.queue.nats.url import NatsUrl

SAMPLES = 8
WIDTH_PX, HEIGHT_PX = 480, 360
ACK_WAIT_S = 5  # a worker that was not heard of for so long is taken for dead
LINK_S = 30.0


Blow = tuple[str, Callable[[], Awaitable[None]]]


@dataclass(frozen=True, slots=True)
class ClusterPlan:
    """What happens.

    Attributes:
        photos, people: so many, in turns, over `send_s`.
        every_s: from one blow to the next.
        node_away_s, database_away_s: what was ended comes back after so long; bots and workers come back at once.
        frozen_s, cut_off_s: a bot stands still, and has no database, for so long.
        batch_s: a stub worker takes so long for a photo.
        rounds: how often everything is hit: in turn, then in random order.
        patience_s: for the answers, after the last blow.
    """

    photos: int = 800
    people: int = 50
    send_s: float = 130.0
    every_s: float = 15.0
    node_away_s: float = 8.0
    database_away_s: float = 10.0
    frozen_s: float = 30.0
    cut_off_s: float = 20.0
    batch_s: float = 0.05
    rounds: int = 1
    patience_s: float = 240.0


@dataclass(frozen=True, slots=True)
class ClusterCampaign:
    """What came of it; see `FaultCampaign`.

    Attributes:
        blows: what was ended, in this order.
        stored: photos with a prediction in the database.
        left: jobs in the line afterwards; `dead`: those given up.
    """

    photos: int
    people: int
    seconds: float
    blows: list[str]
    replies: dict[str, int]
    silent: int
    failures: dict[str, int]
    stored: int
    left: int
    dead: int
    duplicates: Duplicates
    waits: Waits

    @property
    def holds(self) -> bool:
        """Whether nothing was lost, and nothing said twice without a reason."""
        return not (self.silent or self.left or self.dead or self.duplicates.unexplained)


@dataclass(slots=True)
class Cluster:
    """All that can be ended."""

    stage: Scene
    nodes: Sequence[NatsNode]
    bots: Sequence[Life]
    lines: Sequence[Relay]
    workers: Sequence[Life]
    database: Postgres

    def blows(self, plan: ClusterPlan) -> list[Blow]:
        """Each with its name."""
        found: list[Blow] = []
        for number, node in enumerate(self.nodes):
            found.append((node.life.name, _node_blow(node, plan.node_away_s)))
            if number < len(self.workers):
                found.append((self.workers[number].name, _worker_blow(self.workers[number])))
            if number < len(self.bots):
                found += self._bot_blows(self.bots[number], self.lines[number], plan)
        return [*found, ("database", self._database_blow(plan.database_away_s))]

    def _bot_blows(self, bot: Life, line: Relay, plan: ClusterPlan) -> list[Blow]:
        async def kill() -> None:
            self.stage.ledger.killed()
            await bot.kill()
            await bot.start()

        async def freeze() -> None:
            self.stage.ledger.killed()
            bot.signal(signal.SIGSTOP)
            await asyncio.sleep(plan.frozen_s)
            bot.signal(signal.SIGCONT)

        async def cut_off() -> None:
            self.stage.ledger.killed(LeaseTimes().term_s)
            line.cut()
            await asyncio.sleep(plan.cut_off_s)
            line.mend()

        return [(bot.name, kill), (f"{bot.name} frozen", freeze), (f"{bot.name} cut off", cut_off)]

    def _database_blow(self, away_s: float) -> Callable[[], Awaitable[None]]:
        async def blow() -> None:
            await self.database.crash()
            await asyncio.sleep(away_s)
            await self.database.start()

        return blow


async def run_cluster_campaign(
    plan: ClusterPlan, bot: Sequence[str], folder: Path, progress: Callable[[float], None]
) -> ClusterCampaign:
    """`bot`: the command of a bot without a worker. Raises: LifeEnded, ServersMissing."""
    async with _cluster(plan, bot, folder) as cluster:
        stage, began, chance = cluster.stage, monotonic(), Random(0)  # noqa: S311 - an order that is always the same
        once = cluster.blows(plan)
        blows = once + [blow for _ in range(plan.rounds - 1) for blow in chance.sample(once, len(once))]
        async with asyncio.TaskGroup() as group:
            sending = group.create_task(_send(stage, plan))
            for number, (_, blow) in enumerate(blows):
                await asyncio.sleep(plan.every_s)
                await blow()
                progress((number + 1) / len(blows))
            await sending
        await stage.all_heard(plan.patience_s)
        await stage.settled(plan.patience_s)
        return await _summary(plan, cluster, [name for name, _ in blows], monotonic() - began)


@asynccontextmanager
async def _cluster(plan: ClusterPlan, bot: Sequence[str], folder: Path) -> AsyncIterator[Cluster]:
    async with AsyncExitStack() as stack:
        nodes = await stack.enter_async_context(nats_nodes(folder / "nats", 3))
        database = await stack.enter_async_context(postgres_server())
        url = f"{nats_url(nodes)}&ack_wait={ACK_WAIT_S}s"
        lines = [await stack.enter_async_context(Relay(database.port)) for _ in range(2)]
        urls = [database.url.replace(f":{database.port}/", f":{line.port}/") for line in lines]
        shared = {"DATABASE_URL": urls[0], "QUEUE_URL": url, "PHOTO_STORE": str(folder / "photos")}
        stage = await stack.enter_async_context(scene(folder, bot, plan.people, shared))
        stage.bot.name = "bot0"
        second = {**stage.settings, "DATABASE_URL": urls[1], "DATA_DIR": str(folder / "data1")}
        bots = [stage.bot, Life(bot, second, folder, "bot1")]
        command = (sys.executable, "-m", "breedbot.bench.scale.stub_workers", url, "1", str(plan.batch_s), "1")
        workers = [Life(command, {}, folder, f"worker{number}") for number in range(2)]
        for life in (*bots, *workers):
            stack.push_async_callback(life.stop)
            await life.start()
        await _awake(stage, plan)
        yield Cluster(stage, nodes, bots, lines, workers, database)


async def _awake(stage: Scene, plan: ClusterPlan) -> None:
    """Until the first photo is answered."""
    photo = await stage.crowd.upload(await asyncio.to_thread(sample_photo, 0, WIDTH_PX, HEIGHT_PX))
    await stage.heard(stage.crowd.send(0, photo), plan.patience_s)


async def _send(stage: Scene, plan: ClusterPlan) -> None:
    loop = asyncio.get_running_loop()
    files = await asyncio.to_thread(lambda: [sample_photo(seed, WIDTH_PX, HEIGHT_PX) for seed in range(SAMPLES)])
    began = loop.time()
    for number in range(plan.photos - 1):  # one was sent before
        photo = await stage.crowd.upload(await asyncio.to_thread(distinct, files, number))
        await asyncio.sleep(began + number * plan.send_s / plan.photos - loop.time())
        stage.crowd.send(number, photo)


def _node_blow(node: NatsNode, away_s: float) -> Callable[[], Awaitable[None]]:
    async def blow() -> None:
        await node.life.kill()
        await asyncio.sleep(away_s)
        await node.start()

    return blow


def _worker_blow(worker: Life) -> Callable[[], Awaitable[None]]:
    async def blow() -> None:
        await worker.kill()
        await worker.start()

    return blow


async def _summary(plan: ClusterPlan, cluster: Cluster, blows: list[str], seconds: float) -> ClusterCampaign:
    stage = cluster.stage
    ledger = stage.ledger
    url = replace(NatsUrl.parse(nats_url(cluster.nodes)), replicas=None)
    async with NatsLink(url) as link:
        await link.ready(LINK_S)
        look = await whole_look(link)
    return ClusterCampaign(
        plan.photos,
        plan.people,
        seconds,
        blows,
        {str(kind): count for kind, count in ledger.kinds().items()},
        ledger.silent,
        await stage.failures(),
        await stage.stored(),
        look.waiting + look.in_hand,
        look.dead,
        ledger.duplicates(keys_of(stage.chat.faults.unheard)),
        Waits.of(ledger.waits_s()),
    )
