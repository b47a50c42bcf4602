"""What handlers work with."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from bot.albums import Albums
from bot.breed_search import BreedSearch
from bot.downloads import Downloads
from bot.fair_use import FairUse
from bot.feeder import Feeder
from bot.groups import Groups
from bot.heat_desk import HeatDesk
from bot.heatmaps import Heatmap
from bot.learning_control import RetrainNow
from bot.metrics import Metrics
from bot.moderation.desk import Desk
from bot.moderation.moderators import Moderators
from bot.nursery import Nursery
from bot.outgoing import Outgoing
from bot.stills import Stills
from bot.telegram_bot import TelegramBot
from bot.texts import FALLBACK
from bot.waiting_room import WaitingRoom
from db.database import Database
from db.photo_store import PhotoStore

ConsoleLink = Callable[[int], Awaitable[str]]  # takes a moderator's id, gives a link that logs them in, once

LARGE_FILES = 3  # of up to 20 MB, in memory at the same time on their way to the photo store


@dataclass(frozen=True, slots=True)
class Services:
    """Handed to each handler together with the update."""

    bot: TelegramBot
    downloads: Downloads
    outgoing: Outgoing
    database: Database
    photo_store: PhotoStore
    feeder: Feeder
    waiting_room: WaitingRoom
    search: BreedSearch
    metrics: Metrics
    nursery: Nursery
    moderators: Moderators
    albums: Albums
    groups: Groups
    fair_use: FairUse
    retention_days: int = 0
    packing: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(1))
    stills: Stills = field(default_factory=Stills)
    desk: Desk = field(default_factory=Desk)
    heatmap: Heatmap | None = None
    heat_desk: HeatDesk = field(default_factory=HeatDesk)
    language: str = FALLBACK  # for people whose Telegram speaks none of ours
    retrain_now: RetrainNow | None = None
    console_link: ConsoleLink | None = None
    large_files: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(LARGE_FILES))
