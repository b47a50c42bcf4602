"""What every handler works with; what only one feature needs, that feature keeps."""

from dataclasses import dataclass, field

from bot.conversation.answer.search_lists import SearchLists
from bot.conversation.breeds.search import BreedSearch
from bot.conversation.groups.rules import Groups
from bot.conversation.moderation.moderators import Moderators
from bot.conversation.photo.fair_use import FairUse
from bot.metrics import Metrics
from bot.telegram.client import TelegramBot
from bot.telegram.sender import Sender
from db.database import Database
from db.photos.photo_store import PhotoStore


@dataclass(frozen=True, slots=True)
class Context:
    """Handed to each handler together with the update.

    Attributes:
        language: for people whose Telegram speaks none of ours.
        rule_decides: whether the trust policy may accept claims that no person has looked at.
    """

    bot: TelegramBot
    sender: Sender
    database: Database
    photo_store: PhotoStore
    metrics: Metrics
    search: BreedSearch
    moderators: Moderators
    groups: Groups
    fair_use: FairUse
    language: str
    rule_decides: bool = True
    search_lists: SearchLists = field(default_factory=SearchLists)
