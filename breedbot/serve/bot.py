"""`breedbot bot`: the Telegram side alone, any number beside each other."""
# ruff: noqa: PLC0415 - commands import what they need when they run

import asyncio
from contextlib import AsyncExitStack, suppress
from typing import TYPE_CHECKING

from breedbot.cli.app import Verbose, app
from breedbot.ops.terminal import tell
from breedbot.serve.assembly import assemble_bot, learning_rules, with_telegram
from breedbot.serve.open import need_shared_queue, open_link, open_store, read_settings

if TYPE_CHECKING:
    from breedbot.ops.settings import Configuration
    from db.database import Database


DATABASE_AGAIN_S = 2.0


@app.command("bot")
def bot_alone(verbose: Verbose = False) -> None:
    """Run the Telegram side alone; workers elsewhere look at the photos.

    Any number of bots on one PostgreSQL share the chats; it needs BREEDBOT_QUEUE_URL=nats://… and a token.
    """
    settings = read_settings(verbose=verbose, service=True)
    need_shared_queue(settings, "bot")
    asyncio.run(_run_bot(settings))


async def _run_bot(settings: "Configuration") -> None:
    """Start in this order, stop in the opposite one. On SQLite one bot works alone, so it locks the data folder."""
    from breedbot.serve.data_lock import data_lock
    from breedbot.serve.stop_signals import StoppedEarly, stop_signals
    from db.url import database_url, is_sqlite

    stop = asyncio.Event()
    async with AsyncExitStack() as stack:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        if is_sqlite(database_url(settings.database_url)):
            stack.enter_context(data_lock(settings.data_dir))
        stack.enter_context(stop_signals(stop, lambda: tell("stopping; Ctrl-C again ends it at once")))
        with suppress(StoppedEarly):
            await _serve_bot(settings, stop, stack)


async def _serve_bot(settings: "Configuration", stop: asyncio.Event, stack: AsyncExitStack) -> None:
    from bot.health import Health
    from bot.http_server import WebServer
    from bot.metrics import Metrics
    from bot.pipeline.leader import Looks
    from breedbot.serve.readiness import OF_BOT, Stores, well
    from breedbot.serve.ready_line import greet
    from breedbot.serve.stop_signals import unless_stopped
    from db.photos.photo_store import open_photo_store
    from inference.queue.nats.direct import nats_direct
    from inference.queue.nats.heatmap_requests import NatsHeatmap
    from inference.queue.nats.jobs import NatsQueue
    from inference.queue.nats.model_notices import hear_models_moved, keep_telling
    from inference.queue.nats.results import NatsResults
    from inference.store.pointer import SHADOW
    from training.learning.promotion.service import Learning

    health, metrics = Health(OF_BOT), Metrics()
    web = await stack.enter_async_context(WebServer(settings.http_host, settings.http_port, health, metrics))
    local, settings = await with_telegram(stack, settings)
    database = await unless_stopped(stop, _open_patiently(settings))
    stack.push_async_callback(database.close)
    link = await stack.enter_async_context(open_link(settings, stop))
    queue = await stack.enter_async_context(NatsQueue(link))
    direct = await stack.enter_async_context(nats_direct(link, queue))
    health.add("queue", link.health)
    store, photos = open_store(settings), open_photo_store(settings.photo_store)
    stores, model = Stores(photos, store, writes=True), store.candidates()[0]
    health.add("model", well)
    health.add("store", stores.health)
    learning = Learning(
        database,
        store,
        learning_rules(settings),
        registry=metrics.registry,
        taken_back=metrics.outcomes.taken_back.append,
    )
    bot_app = assemble_bot(
        stack, settings, web, health, metrics, database, photos, store, queue, local,
        heatmap=NatsHeatmap(link),
        learning=learning,
        answering=lambda: store.pointer().model,
        look=direct.look,
        looks=Looks(link),
    )  # fmt: skip
    await hear_models_moved(link, store.nudge)
    async with asyncio.TaskGroup() as beside:
        greeting = beside.create_task(greet(health, local.url if local else None, model))
        looking = beside.create_task(stores.run())
        telling = beside.create_task(keep_telling(link, lambda: (store.stamp(), store.stamp(SHADOW))))
        await bot_app.run(stop, NatsResults(link, queue, bot_app.parts.results.report))
        greeting.cancel()
        telling.cancel()
        looking.cancel()


async def _open_patiently(settings: "Configuration") -> "Database":
    """Open the database, its tables up to date; a server that is started later than we are is waited for."""
    from db import migrate
    from db.database import Database
    from db.errors import DatabaseUnavailable

    while True:
        try:
            await migrate.upgrade(settings.database_url)
            return await Database.open(settings.database_url, pool=settings.database_pool)
        except DatabaseUnavailable as error:
            tell(f"{error}; waiting")
            await asyncio.sleep(DATABASE_AGAIN_S)
