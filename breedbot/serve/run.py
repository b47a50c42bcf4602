"""`breedbot run`, the whole bot in one process, and `breedbot chat`."""
# ruff: noqa: PLC0415 - commands import what they need when they run

import asyncio
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

from breedbot.cli.app import Verbose, app
from breedbot.ops.terminal import tell
from breedbot.serve.assembly import assemble_bot, assemble_worker, learning_rules, with_telegram
from breedbot.serve.open import load_champion, open_store, read_settings

if TYPE_CHECKING:
    from breedbot.ops.settings import Configuration
    from inference.model.classifier import Champion
    from inference.queue.direct import Fetch, Report


@app.command()
def run(verbose: Verbose = False) -> None:
    """Run the whole bot in one process.

    Without BREEDBOT_TELEGRAM_TOKEN it starts a chat page on this machine to try it with.
    """
    asyncio.run(_run(read_settings(verbose=verbose, service=True)))


@app.command()
def chat(verbose: Verbose = False) -> None:
    """Run the local chat alone, for a bot started elsewhere."""
    from breedbot.serve.sandbox import serve_chat

    settings = read_settings(verbose=verbose, service=True)
    asyncio.run(serve_chat(settings.chat_port, settings.data_dir))


async def _run(settings: "Configuration") -> None:
    """Start in this order, stop in the opposite one; what the bot itself does in between is in `bot/app.py`."""
    from breedbot.serve.data_lock import data_lock
    from breedbot.serve.stop_signals import stop_signals

    stop = asyncio.Event()
    async with AsyncExitStack() as stack:
        stack.enter_context(data_lock(settings.data_dir))
        stack.enter_context(stop_signals(stop, lambda: tell("stopping; Ctrl-C again ends it at once")))
        # The model takes as long to load as all the rest: a second thread halves the wait.
        loader = stack.enter_context(ThreadPoolExecutor(1, thread_name_prefix="next-model"))
        await _serve(settings, stop, loader.submit(load_champion, settings, loader=loader), stack)


async def _serve(
    settings: "Configuration", stop: asyncio.Event, loading: "Future[Champion]", stack: AsyncExitStack
) -> None:

    from bot.health import Health
    from bot.http_server import WebServer
    from bot.metrics import Metrics
    from bot.pipeline.crash_guard import stored_crash_guard
    from bot.pipeline.housekeeping import tidy
    from breedbot.serve.readiness import OF_BOT, Stores, well
    from breedbot.serve.ready_line import greet
    from db import migrate
    from db.database import Database
    from db.photos.photo_store import open_photo_store
    from inference.queue.direct import DirectPhotos
    from inference.queue.local import open_queue
    from inference.serving.heatmap_service import HeatmapPainter
    from inference.serving.shadow import Shadow
    from training.learning.promotion.registry import Registry
    from training.learning.promotion.service import Learning

    health, metrics = Health(OF_BOT), Metrics()
    web = await stack.enter_async_context(WebServer(settings.http_host, settings.http_port, health, metrics))
    local, settings = await with_telegram(stack, settings)
    queue, photos = open_queue(settings.queue_url), open_photo_store(settings.photo_store)
    await migrate.upgrade(settings.database_url)
    database = await Database.open(settings.database_url, pool=settings.database_pool)
    stack.push_async_callback(database.close)
    champion = await asyncio.wrap_future(loading)
    stack.callback(champion.close)
    health.add("model", well)
    store = open_store(settings)
    stores = Stores(photos, store, writes=True)
    health.add("store", stores.health)
    shadow = Shadow(store)
    stack.callback(shadow.close)
    await Registry(database, store, lambda: champion().model_id).follow()
    learning = Learning(
        database,
        store,
        learning_rules(settings),
        answering=lambda: champion().model_id,
        registry=metrics.registry,
        taken_back=metrics.outcomes.taken_back.append,
    )
    direct = DirectPhotos(queue)
    bot_app = assemble_bot(
        stack, settings, web, health, metrics, database, photos, store, queue, local,
        heatmap=HeatmapPainter(champion, photos.get),
        learning=learning,
        answering=lambda: champion().model_id,
        look=direct.look,
    )  # fmt: skip
    guard = await stored_crash_guard(database)
    fetch: Fetch = photos.get
    report: Report = bot_app.parts.results.report
    if settings.api:  # whose photos are not stored
        fetch, report = direct.fetching(fetch), direct.reporting(report)
    worker = assemble_worker(champion, queue, fetch, report, shadow, guard, metrics)
    async with asyncio.TaskGroup() as beside:
        greeting = beside.create_task(greet(health, local.url if local else None, champion().model_id))
        looking = beside.create_task(stores.run())
        beside.create_task(tidy(database, photos))
        health.add("queue", well)  # in this process
        await bot_app.run(stop, worker)
        greeting.cancel()
        looking.cancel()
