"""A bot whose engine dies of bright photos: `python poison_process.py FOLDER URL TOKEN` runs until it is killed."""

import asyncio
import os
import signal
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from stage import BEAGLE, TIMING

from bot.app import BotApp
from bot.parts import Parts
from bot.pipeline.crash_guard import stored_crash_guard
from bot.settings import BotSettings
from core.prediction import Prediction
from db.database import Database
from db.photos.photo_store import PhotoFolder
from db.url import sqlite_url
from inference.photo.preprocess import Preprocessing
from inference.queue.local import LocalQueue
from inference.worker.settings import WorkerSettings
from inference.worker.worker import Worker

BRIGHT = 240


class Fragile:
    """Answers, or takes the process along."""

    preprocessing = Preprocessing(input_px=8, resize_px=8)
    batch_sizes = (1, 2, 4)
    second = None

    def cells(self, photo: NDArray[np.uint8]) -> NDArray[np.float32]:
        raise NotImplementedError

    def predict(self, batch: NDArray[np.uint8]) -> list[Prediction]:
        if any(photo[..., 0].mean() > BRIGHT for photo in batch):
            os.kill(os.getpid(), signal.SIGKILL)
        return [replace(BEAGLE) for _ in batch]


async def serve(folder: Path, url: str, token: str) -> None:
    settings = BotSettings(_env_file=None, http_port=0).at_server(url, token)  # type: ignore[call-arg]
    database, photos = await Database.open(sqlite_url(folder / "bot.db")), PhotoFolder(folder / "photos")
    queue, fragile = LocalQueue(), Fragile()
    app = BotApp(Parts(settings, database, photos, queue, timing=TIMING))
    sharing = WorkerSettings(decode_threads=2)
    worker = Worker(
        queue, lambda: fragile, photos.get, app.parts.results.report, sharing, guard=await stored_crash_guard(database)
    )
    await app.run(asyncio.Event(), worker)


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1]), sys.argv[2], sys.argv[3]))
