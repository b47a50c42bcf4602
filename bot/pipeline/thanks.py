"""Says thanks: "your correction is part of model …".

Slowly, one after the other: they share Telegram's limits with answers, and answers are waited for. Only a kill -9 in
the milliseconds between the message and its mark, or a connection that breaks just after Telegram took it, says one
twice: Telegram offers no key to tell a repeated message by.
"""

import asyncio
import logging
from operator import attrgetter

from bot.conversation.personal.thanks_view import part_of_model
from bot.errors import Refused
from bot.pipeline.stage import Mark, Stage
from bot.telegram.sender import Sender
from bot.texts import pick
from bot.timing import Timing
from core.supervisor import Supervisor
from db.database import Database
from db.learning.learning_records import RetrainStatus, ThanksRecord
from db.unit import Unit

log = logging.getLogger(__name__)


class ThanksStage:
    """One place: each is followed by a pause."""

    def __init__(self, database: Database, sender: Sender, saves: Supervisor, *, language: str, timing: Timing) -> None:
        self._database = database
        self._sender = sender
        self._language = language
        self._timing = timing
        self.stage = Stage[ThanksRecord](
            "thanks",
            attrgetter("thanks"),
            attrgetter("user_id", "model_id"),
            self._say,
            database,
            saves,
            places=1,
            backoff=timing.in_trouble,
        )

    async def _say(self, one: ThanksRecord) -> Mark:
        async with self._database.unit(read_only=True) as unit:
            user = await unit.users.get(one.user_id)
            people, rule = await unit.thanks.accepted_by(one.user_id, one.model_id)
            made = await unit.retrains.get(one.model_id)
        answers = made is None or made.status is not RetrainStatus.ROLLED_BACK
        if user is not None and user.wants_thanks and people + rule and answers:
            await asyncio.sleep(self._timing.thanks_every_s)
            language = pick(user.language, user.language_code, self._language)
            try:
                await self._sender.send(one.user_id, part_of_model(one.model_id, people, rule, one.user_id, language))
            except Refused as refusal:  # blocked, or they only ever wrote in a group
                log.info("user %s cannot be thanked: %s", one.user_id, refusal)

        async def mark(unit: Unit) -> None:
            await unit.thanks.sent(one.user_id, one.model_id)

        return mark
