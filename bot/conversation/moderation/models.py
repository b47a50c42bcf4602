"""/models and /retrain."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass

from bot.conversation.context import Context
from bot.conversation.moderation.models_view import (
    ModelsPage,
    retrain_already,
    retrain_elsewhere,
    retrain_ended,
    retrain_started,
)
from bot.conversation.moderation.models_view import models as models_view
from bot.conversation.replies import post, reply
from bot.conversation.router import Router
from bot.errors import Later, Refused
from bot.telegram.message import View
from bot.telegram.update import ChatUpdate
from core.retry import Backoff
from core.supervisor import Supervisor
from db.chat.chat_records import ModelVersionRecord
from db.learning.learning_records import RetrainRecord, RetrainStatus
from training.learning.promotion.retrain_scheduler import AlreadyRunning, RetrainNow, Started

RETRAINS_SHOWN = 5
TRIES = 12  # to tell a moderator what came of it: some minutes
PAUSES = Backoff(base_s=0.5, cap_s=60.0)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Retrains:
    """``start``: None = this process cannot; ``supervisor``: owns the word to a moderator that follows."""

    start: RetrainNow | None
    supervisor: Supervisor

    def register(self, router: Router) -> None:
        """Commands that nobody else knows."""
        router.command("models", models, moderators=True)
        router.command("retrain", self.retrain, moderators=True)

    async def retrain(self, update: ChatUpdate, context: Context) -> None:
        """Have a model made now, and tell the moderator when it is done."""
        if self.start is None:
            await reply(update, context, retrain_elsewhere(update.language))
            return
        begun = await self.start()
        if isinstance(begun, AlreadyRunning):
            await reply(update, context, retrain_already(update.language))
            return
        self.supervisor.start(_tell_outcome(update, context, begun), "word to a moderator about a retrain")
        await reply(update, context, retrain_started(update.language))


async def models(update: ChatUpdate, context: Context) -> None:
    """Show which model answers, and what else there is."""
    async with context.database.unit(read_only=True) as unit:
        champion = await unit.model_versions.champion()
        retrains = await unit.retrains.last(RETRAINS_SHOWN)
        tried = [one.model_id for one in retrains if one.status is RetrainStatus.SHADOW and one.model_id]
        page = ModelsPage(
            champion=champion,
            previous=_newest_retired(await unit.model_versions.list()),
            shadows=[(model, await unit.shadow.agreement(model)) for model in tried],
            retrains=retrains,
        )
    await reply(update, context, models_view(page, update.language))


async def _tell_outcome(update: ChatUpdate, context: Context, begun: Started) -> None:
    outcome: RetrainRecord | None = await begun.outcome
    await _send_patiently(update, context, retrain_ended(outcome, update.language))


async def _send_patiently(update: ChatUpdate, context: Context, view: View) -> None:
    for tried in range(1, TRIES + 1):
        try:
            await post(update, context, view)
        except Later as trouble:
            await asyncio.sleep(PAUSES.delay_s(tried) if trouble.delay_s is None else trouble.delay_s)
        except Refused as refusal:
            log.info("a moderator does not hear of a retrain: %s", refusal)
            return
        else:
            return


def _newest_retired(models: Sequence[ModelVersionRecord]) -> ModelVersionRecord | None:
    retired = [(model.retired_at, model) for model in models if model.retired_at is not None]
    return max(retired, key=lambda pair: pair[0])[1] if retired else None
