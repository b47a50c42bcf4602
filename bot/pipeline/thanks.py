"""Says thanks: "your correction is part of model …", from the outbox in the database.

A row is marked once Telegram has taken the message, both in one shielded step, so that neither a stop nor a database
in trouble loses a thank-you or says it twice. Only a kill -9 in the milliseconds between the two, or a connection that
breaks just after Telegram took it, says it twice: Telegram offers no key to tell a repeated message by.
"""

import asyncio
import logging
from functools import partial

from bot.conversation.personal.thanks_view import part_of_model
from bot.pipeline.keyed_queue import Later
from bot.pipeline.partitions.ownership import Alone, Ownership
from bot.pipeline.partitions.permission import under
from bot.telegram.sender import Refused, Sender
from bot.texts import pick
from bot.timing import Timing
from core.supervisor import Supervisor
from db.database import Database
from db.errors import DatabaseError, RowMissing
from db.learning.learning_records import ThanksRecord

PAGE = 100

log = logging.getLogger(__name__)

_Key = tuple[int, str]


class ThanksSender:
    """One after the other, slowly: they share Telegram's limits with answers, and answers are waited for."""

    def __init__(
        self,
        database: Database,
        sender: Sender,
        saves: Supervisor,
        *,
        language: str,
        timing: Timing,
        ownership: Ownership | None = None,
    ) -> None:
        self._ownership = ownership or Alone()
        self._database = database
        self._sender = sender
        self._saves = saves
        self._language = language
        self._timing = timing
        self._said: set[_Key] = set()  # but not marked yet

    async def run(self) -> None:
        """Say what is to be said, until cancelled."""
        while True:
            try:
                await self.round()
            except DatabaseError as error:
                log.warning("thanks wait: %s", error)
            await asyncio.sleep(self._timing.sweep_s)

    async def round(self) -> None:
        """Everybody who waits, once; who cannot be reached now is left for the next round."""
        put_off: set[_Key] = set()
        while True:
            async with self._database.unit(read_only=True) as unit:
                page = await unit.thanks.waiting(PAGE + len(put_off), self._ownership.partitions)
            fresh = [one for one in page if _key(one) not in put_off]
            if not fresh:
                return
            for one in fresh:
                with under(partial(self._ownership.may, one.user_id)):
                    thanked = await self._saves.shielded(self._thank(one), f"thanks to user {one.user_id}")
                if not thanked:
                    put_off.add(_key(one))
                await asyncio.sleep(self._timing.thanks_every_s)

    async def _thank(self, one: ThanksRecord) -> bool:
        """Returns: whether that is done with."""
        try:
            if _key(one) not in self._said:
                await self._say(one)
                self._said.add(_key(one))
            async with self._database.unit() as unit:
                await unit.thanks.sent(one.user_id, one.model_id)
        except Later as trouble:
            log.info("thanks to user %s wait: %s", one.user_id, trouble)
            return False
        except RowMissing:
            log.info("user %s was forgotten while being thanked", one.user_id)
        self._said.discard(_key(one))
        return True

    async def _say(self, one: ThanksRecord) -> None:
        async with self._database.unit(read_only=True) as unit:
            user = await unit.users.get(one.user_id)
        if user is None or not user.wants_thanks:
            return
        language = pick(user.language, user.language_code, self._language)
        try:
            await self._sender.send(one.user_id, part_of_model(one.model_id, one.events, one.user_id, language))
        except Refused as refusal:  # blocked, or they only ever wrote in a group
            log.info("user %s cannot be thanked: %s", one.user_id, refusal)


def _key(one: ThanksRecord) -> _Key:
    return one.user_id, one.model_id
