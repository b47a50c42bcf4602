"""Long polling: updates come in, and the offset moves on only when they are committed.

It starts without an offset, so Telegram sends again all that was never confirmed; the inbox knows what it has already.
Nothing of an earlier life needs to be remembered, and a database that has served another bot can do no harm.
"""

import asyncio
import logging
import time

from telegram.error import Conflict, RetryAfter, TelegramError

from bot.metrics import Metrics
from bot.pipeline.inbox import Intake
from bot.telegram.client import TelegramBot, seconds
from bot.telegram.raw_update import update_id_of
from bot.timing import Timing
from db.errors import DatabaseError

LONGEST_PAUSE_S = 60.0  # however long Telegram asks for: then it is tried once more
BATCH = 100  # the most that Telegram sends at once

log = logging.getLogger(__name__)


class Polling:
    """One poller: of several bots the leader. Two on one bot get 409 Conflict: each says so and tries on, calmly."""

    def __init__(
        self,
        bot: TelegramBot,
        inbox: Intake,
        timing: Timing,
        metrics: Metrics,
    ) -> None:
        self._bot = bot
        self._inbox = inbox
        self._timing = timing
        self._metrics = metrics
        self._offset: int | None = None
        self._webhook_removed = False
        self._failures = 0
        self._problem: str | None = "has not reached Telegram yet"
        self._heard_at = self._came_at = time.monotonic()
        self._idle = True
        self._crowded = False

    def begin(self) -> None:
        """It is up to this process from now on: it is not ready before Telegram has answered."""
        self._idle = False

    async def run(self) -> None:
        """Poll until cancelled."""
        self.begin()
        try:
            while True:
                try:
                    self._crowded = await self._inbox.full()
                    await (asyncio.sleep(self._timing.room_tick_s) if self._crowded else self._poll())
                except (TelegramError, DatabaseError) as error:
                    await self._wait_after(error)
        finally:
            self._idle = True

    async def ready(self) -> str | None:
        """A health check: whether updates come in."""
        if self._idle:
            return None  # another bot polls, or nobody yet
        if self._problem is not None:
            return self._problem
        silent_s = time.monotonic() - self._heard_at
        if silent_s > 2 * (self._timing.poll_s + self._timing.request_s) and not self._crowded:
            return f"silent for {silent_s:.0f} s"
        return None

    async def _poll(self) -> None:
        if not self._webhook_removed:
            await self._bot.delete_webhook(drop_pending_updates=False)
            self._webhook_removed = True
        # While something is wrong, an answer at once is worth more than updates as they come: it says that all is well.
        wait_s = self._timing.poll_s if self._problem is None else 0
        asked_at, new = time.monotonic(), 0
        updates = await self._bot.raw_updates(self._offset, BATCH, wait_s)
        took_s = time.monotonic() - asked_at
        if updates:
            new = await self._inbox.accept(updates)
            ids = [update_id for update in updates if (update_id := update_id_of(update)) is not None]
            self._offset = max(ids) + 1 if ids else self._offset
            self._came_at = time.monotonic()
        elif time.monotonic() - self._came_at > self._timing.offset_kept_s:
            self._offset = None  # all before it is confirmed, and Telegram begins anew after a quiet week
        if self._failures:
            log.info("intake: Telegram answers again")
        self._failures = 0
        self._problem = None
        self._heard_at = time.monotonic()
        if not new and wait_s and took_s < self._timing.hasty_s:  # some servers and proxies do not wait
            await asyncio.sleep(self._timing.hasty_s)

    async def _wait_after(self, error: TelegramError | DatabaseError) -> None:
        self._failures += 1
        delay_s = self._timing.in_trouble.delay_s(self._failures)
        if isinstance(error, RetryAfter):
            delay_s = max(delay_s, min(seconds(error), LONGEST_PAUSE_S))
        if isinstance(error, Conflict):
            self._webhook_removed = False  # perhaps somebody set one meanwhile
            reason = "another program fetches this bot's updates; only one may. Stop the other one"
        else:
            reason = f"{type(error).__name__}: {error}"
        self._problem = reason
        self._metrics.retries.labels("intake").inc()
        log.warning("intake: %s; next try in %.1f s", reason, delay_s)
        await asyncio.sleep(delay_s)
