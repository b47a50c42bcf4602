"""What handlers work with."""

from dataclasses import dataclass

from bot.breed_search import BreedSearch
from bot.feeder import Feeder
from bot.metrics import Metrics
from bot.outgoing import Outgoing
from bot.telegram_bot import TelegramBot
from bot.waiting_room import WaitingRoom
from db.database import Database
from db.photo_store import PhotoStore


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
