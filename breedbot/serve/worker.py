"""`breedbot worker`: looks at photos for bots elsewhere."""
# ruff: noqa: PLC0415 - commands import what they need when they run

import asyncio
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, suppress
from typing import TYPE_CHECKING

from breedbot.cli.app import Verbose, app
from breedbot.ops.terminal import tell
from breedbot.serve.assembly import assemble_worker
from breedbot.serve.open import load_champion, need_shared_queue, open_link, open_store, read_settings

if TYPE_CHECKING:
    from bot.health import Health
    from bot.metrics import Metrics
    from breedbot.ops.settings import Configuration


@app.command("worker")
def worker_alone(verbose: Verbose = False) -> None:
    """Run a worker alone, for bots elsewhere.

    It needs BREEDBOT_QUEUE_URL=nats://…, and the photos and models where the bots have them; no database.
    """
    settings = read_settings(verbose=verbose, service=True)
    need_shared_queue(settings, "worker")
    asyncio.run(_work(settings))


async def _work(settings: "Configuration") -> None:
    """Start in this order, stop in the opposite one. What is in hand is finished, or given back to other workers."""
    from bot.health import Health
    from bot.metrics import Metrics
    from breedbot.serve.readiness import OF_WORKER, Stores, well
    from breedbot.serve.stop_signals import StoppedEarly, stop_signals
    from core.supervisor import Supervisor
    from db.photos.photo_store import open_photo_store
    from inference.queue.nats.direct import fetching, reporting
    from inference.queue.nats.heatmap_requests import serve_evidence
    from inference.queue.nats.jobs import NatsQueue
    from inference.queue.nats.model_notices import hear_models_moved
    from inference.serving.heatmap_service import HeatmapPainter
    from inference.serving.shadow import Shadow

    stop, health, metrics = asyncio.Event(), Health(OF_WORKER), Metrics()
    async with AsyncExitStack() as stack:
        stack.enter_context(suppress(StoppedEarly))
        stack.enter_context(stop_signals(stop, lambda: tell("stopping; Ctrl-C again ends it at once")))
        loader = stack.enter_context(ThreadPoolExecutor(1, thread_name_prefix="next-model"))
        store, photos = open_store(settings), open_photo_store(settings.photo_store)
        loading = loader.submit(load_champion, settings, loader=loader)
        await _listen_if_free(settings, health, metrics, stack)
        stores = Stores(photos, store, writes=False)
        health.add("store", stores.health)
        beside = await stack.enter_async_context(Supervisor())
        stack.callback(beside.cancel)
        beside.start(stores.run(), "stores")
        champion = await asyncio.wrap_future(loading)  # or there is none, and nothing to do
        stack.callback(champion.close)
        health.add("model", well)
        link = await stack.enter_async_context(open_link(settings, stop))
        shadow = Shadow(store)
        stack.callback(shadow.close)
        queue = await stack.enter_async_context(NatsQueue(link))
        await hear_models_moved(link, store.nudge)
        await serve_evidence(link, HeatmapPainter(champion, photos.get))
        health.add("queue", link.health)
        fetch, report = fetching(link, photos.get), reporting(link, queue.report)
        worker = assemble_worker(champion, queue, fetch, report, shadow, queue.crash_guard, metrics)
        tell(f"model {champion().model_id} looks at photos")
        async with Supervisor() as loops:
            loops.keep(worker.run, "worker", may_end=stop.is_set)
            await stop.wait()
            await worker.drain(settings.drain_s)
            loops.cancel()


async def _listen_if_free(
    settings: "Configuration", health: "Health", metrics: "Metrics", stack: AsyncExitStack
) -> None:
    """Several workers of one machine are told nothing by HTTP: the first has the port for its health and numbers."""
    from bot.errors import PortInUse
    from bot.http_server import WebServer

    try:
        await stack.enter_async_context(WebServer(settings.http_host, settings.http_port, health, metrics))
    except PortInUse as error:
        tell(f"{error}; this worker goes on without /healthz and /metrics")
