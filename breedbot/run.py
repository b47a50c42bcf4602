"""`breedbot run`, the whole bot in one process, and `breedbot chat`."""
# ruff: noqa: PLC0415 - commands import what they need when they run

import asyncio
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

from bot.terminal import tell
from breedbot.assembly import assemble_bot, assemble_worker, with_telegram
from breedbot.cli import Verbose, app
from breedbot.parts import RETRAIN_COMMAND, load_champion, open_store, read_settings

if TYPE_CHECKING:
    from bot.configuration import Configuration
    from inference.classifier import Champion


@app.command()
def run(verbose: Verbose = False) -> None:
    """Run the whole bot in one process.

    Without BREEDBOT_TELEGRAM_TOKEN it starts a chat page on this machine to try it with.
    """
    asyncio.run(_run(read_settings(verbose=verbose, service=True)))


@app.command()
def chat(verbose: Verbose = False) -> None:
    """Run the local chat alone, for a bot started elsewhere."""
    from bot.chat_server import serve_chat

    settings = read_settings(verbose=verbose, service=True)
    asyncio.run(serve_chat(settings.chat_port, settings.data_dir))


async def _run(settings: "Configuration") -> None:
    """Start in this order, stop in the opposite one; what the bot itself does in between is in `bot/app.py`."""
    from bot.data_lock import data_lock
    from bot.stop_signals import stop_signals

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
    from bot.greeting import greet
    from bot.health import Health
    from bot.housekeeping import tidy
    from bot.learning.learning import Learning
    from bot.learning.succession import Succession
    from bot.metrics import Metrics
    from bot.poison import StoredLives
    from bot.tenure import ownership_on
    from bot.web import WebServer
    from db import migrate
    from db.database import Database
    from db.errors import PhotoMissing
    from db.photo_store import open_photo_store
    from inference.evidence import EvidencePainter
    from inference.queue import open_queue
    from inference.shadow import Shadow

    health, metrics = Health(), Metrics()
    web = await stack.enter_async_context(WebServer(settings.http_host, settings.http_port, health, metrics))
    page, settings = await with_telegram(stack, settings)
    queue, photos = open_queue(settings.queue_url), open_photo_store(settings.photo_store)
    await migrate.upgrade(settings.database_url)
    database = await Database.open(settings.database_url, pool=settings.database_pool)
    stack.push_async_callback(database.close)
    ownership = ownership_on(database, poller=settings.webhook_url is None)
    champion = await asyncio.wrap_future(loading)
    stack.callback(champion.close)
    store = open_store(settings)
    shadow = Shadow(store)
    stack.callback(shadow.close)
    await Succession(database, store, lambda: champion().model_id).follow()
    learning = Learning(
        settings,
        database,
        store,
        RETRAIN_COMMAND,
        answering=lambda: champion().model_id,
        metrics=metrics,
        leads=lambda: ownership.leads,
    )
    bot_app = assemble_bot(
        stack, settings, web, health, metrics, database, photos, store, queue,
        heatmap=EvidencePainter(champion, photos.get, (PhotoMissing,)),
        learning=learning,
        answering=lambda: champion().model_id,
        ownership=ownership,
    )  # fmt: skip
    worker = assemble_worker(champion, queue, photos, bot_app.report, shadow, StoredLives(database), metrics)
    async with asyncio.TaskGroup() as beside:
        greeting = beside.create_task(greet(health, page, champion().model_id))
        beside.create_task(tidy(database, photos))
        await bot_app.run(stop, worker)
        greeting.cancel()
