"""/retrain: its seconds are counted in the message that says it began; what came of it is a message of its own."""

import asyncio
import logging
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic

from bot.conversation.context import Context
from bot.conversation.models.retrain_view import (
    retrain_already,
    retrain_elsewhere,
    retrain_ended,
    retrain_started,
)
from bot.conversation.replies import reply
from bot.conversation.router import Router
from bot.errors import Later, Refused
from bot.telegram.message import View
from bot.telegram.update import ChatUpdate
from core.retry import Backoff
from core.supervisor import Supervisor
from training.learning.promotion.retrain_scheduler import AlreadyRunning, RetrainNow, Started

TRIES = 12  # to tell a moderator what came of it: some minutes
EVERY_S = 3.0  # between two edits that say how long it takes
PAUSES = Backoff(base_s=0.5, cap_s=60.0)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Retrains:
    """``start``: None = this process cannot; ``supervisor``: owns the word to a moderator that follows."""

    start: RetrainNow | None
    supervisor: Supervisor

    def register(self, router: Router) -> None:
        """A command that nobody else knows."""
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
        self.supervisor.start(_follow(update, context, begun), "word to a moderator about a retrain")


async def _follow(update: ChatUpdate, context: Context, begun: Started) -> None:
    began, outcome = monotonic(), asyncio.ensure_future(begun.outcome)
    shown = await _send_patiently(update, context, retrain_started(0, update.language), update.message_id)
    while not outcome.done():
        await asyncio.wait((outcome,), timeout=EVERY_S)
        if shown is not None and not outcome.done():
            with suppress(Later, Refused):  # the next one shows more
                view = retrain_started(monotonic() - began, update.language)
                await context.sender.edit(update.chat_id, shown, view, tries=1)
    await _send_patiently(update, context, retrain_ended(outcome.result(), update.language))


async def _send_patiently(update: ChatUpdate, context: Context, view: View, reply_to: int | None = None) -> int | None:
    """Returns: the message; None: nobody will see it."""
    for tried in range(1, TRIES + 1):
        try:
            return await context.sender.send(update.chat_id, view, reply_to, thread_id=update.thread_id)
        except Later as trouble:
            await asyncio.sleep(PAUSES.delay_s(tried) if trouble.delay_s is None else trouble.delay_s)
        except Refused as refusal:
            log.info("a moderator does not hear of a retrain: %s", refusal)
            return None
    return None
