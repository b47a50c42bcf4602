"""A bot in a process of its own, to be killed: `python bot_process.py FOLDER URL TOKEN` runs until then."""

import asyncio
import sys
from pathlib import Path

from stage import BEAGLE, TIMING, StubWorker

from bot.app import BotApp
from bot.parts import Parts
from bot.settings import BotSettings
from db.database import Database
from db.photos.photo_store import PhotoFolder
from db.url import sqlite_url
from inference.queue.local import LocalQueue


async def serve(folder: Path, url: str, token: str) -> None:
    settings = BotSettings(_env_file=None, http_port=0).at_server(url, token)  # type: ignore[call-arg]
    database = await Database.open(sqlite_url(folder / "bot.db"))
    queue = LocalQueue()
    worker = StubWorker(queue, lambda _: BEAGLE)
    app = BotApp(Parts(settings, database, PhotoFolder(folder / "photos"), queue, timing=TIMING))
    worker.report = app.parts.results.report
    await app.run(asyncio.Event(), worker)


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1]), sys.argv[2], sys.argv[3]))
