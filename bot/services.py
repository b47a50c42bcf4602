"""What handlers work with."""

import asyncio
from dataclasses import dataclass, field

from bot.breed_search import BreedSearch
from bot.feeder import Feeder
from bot.metrics import Metrics
from bot.outgoing import Outgoing
from bot.telegram_bot import TelegramBot
from bot.waiting_room import WaitingRoom
from db.database import Database
from db.photo_store import PhotoStore

LARGE_FILES = 3  # of up to 20 MB, in memory at the same time on their way to the photo store


@dataclass(frozen=True, slots=True)
class Services:
    """Handed to each handler together with the update."""

    bot: TelegramBot
    outgoing: Outgoing
    database: Database
    photo_store: PhotoStore
    feeder: Feeder
    waiting_room: WaitingRoom
    search: BreedSearch
    metrics: Metrics
    large_files: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(LARGE_FILES))
