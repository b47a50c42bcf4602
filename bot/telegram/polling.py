"""Long polling: updates come in, and the offset moves on only when they are committed.

It starts without an offset, so Telegram sends again all that was never confirmed; the inbox knows what it has already.
Nothing of an earlier life needs to be remembered, and a database that has served another bot can do no harm.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from typing import Any

from telegram.error import Conflict, RetryAfter, TelegramError

from bot.metrics import Metrics
from bot.pipeline.inbox import InboxStage
from bot.telegram.client import TelegramBot
from bot.telegram.sender import seconds
from bot.telegram.update import update_id_of
from bot.timing import Timing
from db.errors import DatabaseError

BATCH = 100  # the most that Telegram sends at once

log = logging.getLogger(__name__)


class Polling:
    """One poller. Two of them on one bot get 409 Conflict: each says so and goes on trying, calmly.

    Bots on one database agree which one polls; for the moment of a change both may, and what comes twice is one.
    """

    def __init__(
        self,
        bot: TelegramBot,
        inbox: InboxStage,
        timing: Timing,
        metrics: Metrics,
        may_poll: Callable[[], bool] = lambda: True,
    ) -> None:
        """`may_poll`: of several bots one does."""
        self._may_poll = may_poll
        self._bot = bot
        self._inbox = inbox
        self._timing = timing
        self._metrics = metrics
        self._offset: int | None = None
        self._webhook_removed = False
        self._failures = 0
        self._problem: str | None = "has not reached Telegram yet"
        self._heard_at = time.monotonic()
        self._idle = False

    async def run(self) -> None:
        """Poll until cancelled."""
        while True:
            while not self._may_poll():
                self._idle = True
                await asyncio.sleep(self._timing.poller_look_s)
            self._idle = False
            await self._inbox.room()
            try:
                await self._poll()
            except (TelegramError, DatabaseError) as error:
                await self._wait_after(error)

    async def ready(self) -> str | None:
        """A health check: whether updates come in."""
        if self._idle:
            return None  # another bot polls
        if self._problem is not None:
            return self._problem
        silent_s = time.monotonic() - self._heard_at
        if silent_s > 2 * (self._timing.poll_s + self._timing.request_s) and not self._inbox.full:
            return f"silent for {silent_s:.0f} s"
        return None

    async def _poll(self) -> None:
        if not self._webhook_removed:
            await self._bot.delete_webhook(drop_pending_updates=False)
            self._webhook_removed = True
        # While something is wrong, an answer at once is worth more than updates as they come: it says that all is well.
        wait_s = self._timing.poll_s if self._problem is None else 0
        updates = await self._bot.raw_updates(self._offset, BATCH, wait_s)
        if updates:
            await self._inbox.accept(updates)
            self._offset = _after(updates, self._offset)
        if self._failures:
            log.info("intake: Telegram answers again")
        self._failures = 0
        self._problem = None
        self._heard_at = time.monotonic()

    async def _wait_after(self, error: TelegramError | DatabaseError) -> None:
        self._failures += 1
        delay_s = self._timing.in_trouble.delay_s(self._failures)
        if isinstance(error, RetryAfter):
            delay_s = max(delay_s, seconds(error))
        if isinstance(error, Conflict):
            self._webhook_removed = False  # perhaps somebody set one meanwhile
            reason = "another program fetches this bot's updates; only one may. Stop the other one"
        else:
            reason = f"{type(error).__name__}: {error}"
        self._problem = reason
        self._metrics.retries.labels("intake").inc()
        log.warning("intake: %s; next try in %.1f s", reason, delay_s)
        await asyncio.sleep(delay_s)


def _after(updates: list[dict[str, Any]], offset: int | None) -> int | None:
    ids = [update_id for update in updates if (update_id := update_id_of(update)) is not None]
    return max(ids) + 1 if ids else offset
