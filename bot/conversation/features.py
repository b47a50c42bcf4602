"""All that the conversation can do: each feature brings its commands and its buttons."""

from functools import partial

from bot.conversation.answer import buttons as answer
from bot.conversation.answer import reactions
from bot.conversation.boxes.handler import Boxes
from bot.conversation.breeds import handler as breeds
from bot.conversation.compare import handler as compare
from bot.conversation.groups import handler as groups
from bot.conversation.heatmap.handler import Heatmaps
from bot.conversation.models.handler import Models
from bot.conversation.models.retrain import Retrains
from bot.conversation.moderation import bans
from bot.conversation.moderation.review import Review
from bot.conversation.personal import handler as personal
from bot.conversation.photo.handler import Photos
from bot.conversation.plain_text import plain_text
from bot.conversation.privacy.handler import Privacy
from bot.conversation.router import Router
from bot.conversation.settings import handler as settings
from bot.telegram.update import UpdateKind


def conversation(
    photos: Photos, heatmaps: Heatmaps, privacy: Privacy, review: Review, retrains: Retrains, models: Models
) -> Router:
    """The table of all commands and buttons. What a feature works with, beside the context, it has been given."""
    router = Router()
    looks = (photos, answer, reactions, Boxes(), heatmaps, breeds, compare)
    for feature in (*looks, personal, settings, privacy, groups, review, retrains, models, bans):
        feature.register(router)
    router.on(UpdateKind.TEXT, partial(plain_text, photos))
    return router
