"""What handlers work with."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from bot.conversation.breeds.search import BreedSearch
from bot.conversation.groups.rules import Groups
from bot.conversation.heatmap.port import Heatmap
from bot.conversation.heatmap.shown_maps import ShownMaps
from bot.conversation.moderation.moderators import Moderators
from bot.conversation.moderation.open_cards import OpenCards
from bot.conversation.photo.fair_use import FairUse
from bot.conversation.photo.frames import Stills
from bot.metrics import Metrics
from bot.pipeline.album_timer import Albums
from bot.pipeline.submit import Submitter
from bot.pipeline.waiting_notice import WaitingNotices
from bot.telegram.client import TelegramBot
from bot.telegram.downloads import Downloads
from bot.telegram.sender import Sender
from bot.texts import FALLBACK
from core.supervisor import Supervisor
from db.database import Database
from db.photos.photo_store import PhotoStore
from training.learning.promotion.retrain_scheduler import RetrainNow

ConsoleLink = Callable[[int], Awaitable[str]]  # takes a moderator's id, gives a link that logs them in, once

LARGE_FILES = 3  # of up to 20 MB, in memory at the same time on their way to the photo store


@dataclass(frozen=True, slots=True)
class Context:
    """Handed to each handler together with the update."""

    bot: TelegramBot
    downloads: Downloads
    sender: Sender
    database: Database
    photo_store: PhotoStore
    submitter: Submitter
    waiting_notices: WaitingNotices
    search: BreedSearch
    metrics: Metrics
    supervisor: Supervisor
    moderators: Moderators
    albums: Albums
    groups: Groups
    fair_use: FairUse
    retention_days: int = 0
    packing: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(1))
    stills: Stills = field(default_factory=Stills)
    open_cards: OpenCards = field(default_factory=OpenCards)
    heatmap: Heatmap | None = None
    shown_maps: ShownMaps = field(default_factory=ShownMaps)
    language: str = FALLBACK  # for people whose Telegram speaks none of ours
    retrain_now: RetrainNow | None = None
    console_link: ConsoleLink | None = None
    large_files: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(LARGE_FILES))
