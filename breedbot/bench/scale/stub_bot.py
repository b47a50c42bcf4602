"""A bot whose worker is a stub: `python -m breedbot.bench.scale.stub_bot BATCH_S BATCH_PHOTOS HURRY`."""

import asyncio
import sys

from bot.app import BotApp
from bot.health import Health
from bot.http_server import WebServer
from bot.metrics import Metrics
from bot.parts import Parts
from bot.timing import Timing
from breedbot.bench.scale.stub_worker import StubWorker
from breedbot.ops.logs import SecretMask, start_logging
from breedbot.ops.settings import Configuration
from breedbot.serve.stop_signals import stop_signals
from core.retry import Backoff
from db import migrate
from db.database import Database
from db.photos.photo_store import open_photo_store
from inference.queue.local import open_queue


def timing(hurry: float) -> Timing:
    """How many times faster than the real Telegram side: of its limits, and of all pauses after trouble."""
    if hurry == 1:
        return Timing()
    return Timing(
        poll_s=2.0,
        at_once=Backoff(0.3 / hurry, 2.0 / hurry),
        in_trouble=Backoff(1.0 / hurry, 60.0 / hurry),
        fault=Backoff(1.0 / hurry, 10.0 / hurry),
        sweep_s=2.0,
        limits_hurry=hurry,
    )


async def serve(batch_s: float, batch_photos: int, hurry: float) -> None:
    """Until SIGTERM."""
    settings = Configuration.read()
    start_logging(settings.log_format, SecretMask(settings.secrets), service=True)
    health, metrics, stop = Health(), Metrics(), asyncio.Event()
    with stop_signals(stop, lambda: None):
        async with WebServer(settings.http_host, settings.http_port, health, metrics) as web:
            await migrate.upgrade(settings.database_url)
            database = await Database.open(settings.database_url)
            queue = open_queue(settings.queue_url)
            photos, pace = open_photo_store(settings.photo_store), timing(hurry)
            parts = Parts(settings, database, photos, queue, web=web, health=health, metrics=metrics, timing=pace)
            app = BotApp(parts)
            try:
                await app.run(stop, StubWorker(queue, app.parts.results.report, batch_s, batch_photos))
            finally:
                await database.close()


if __name__ == "__main__":
    asyncio.run(serve(float(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])))
