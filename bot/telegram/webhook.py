"""The webhook: Telegram calls us. The other way for updates to come in, instead of `polling.py`.

Either way can follow the other at any time. Neither ever drops what waits, both ask for the same kinds of updates, and
what comes twice because the other way had stored but not confirmed it falls out in the inbox. Whoever starts last wins.
"""

import asyncio
import logging
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from telegram.error import TelegramError

from bot.http_server import WebServer
from bot.pipeline.inbox import Intake
from bot.telegram.client import ALLOWED_UPDATES, TelegramBot
from bot.timing import Timing
from db.errors import DatabaseError

DEFAULT_PATH = "/telegram"
CALLS_AT_ONCE = 40  # Telegram's own default

log = logging.getLogger(__name__)


class Webhook:
    """Opens our HTTP port to Telegram and tells Telegram so. Updates that waited for a poller arrive here, too."""

    def __init__(self, bot: TelegramBot, inbox: Intake, web: WebServer, url: str, secret: str, timing: Timing) -> None:
        parts = urlsplit(url)
        self._path = parts.path if parts.path not in {"", "/"} else DEFAULT_PATH
        self._url = urlunsplit(parts._replace(path=self._path))
        self._bot = bot
        self._inbox = inbox
        self._web = web
        self._secret = secret
        self._timing = timing
        self._problem: str | None = "the webhook is not set yet"

    def open(self) -> None:
        """Take updates, whoever leads, until `close`."""
        self._web.open_webhook(self._path, self._secret, self._accept)
        self._problem = None

    def close(self) -> None:
        """Take none any more."""
        self._web.close_webhook()

    async def run(self) -> None:
        """Tell Telegram where to call, and see to it that it knows; the leader's duty."""
        self._problem = "the webhook is not set yet"
        try:
            await self._register()
            while True:
                await asyncio.sleep(self._timing.webhook_look_s)
                await self._look()
        finally:
            self._problem = None

    async def ready(self) -> str | None:
        """A health check: whether Telegram knows where to call."""
        return self._problem

    async def _register(self) -> None:
        tries = 0
        while True:
            try:
                await self._bot.set_webhook(
                    self._url,
                    secret_token=self._secret,
                    allowed_updates=ALLOWED_UPDATES,
                    max_connections=CALLS_AT_ONCE,
                    drop_pending_updates=False,
                )
            except TelegramError as error:
                tries += 1
                self._problem = f"setWebhook failed: {error}"
                log.warning("%s", self._problem)
                await asyncio.sleep(self._timing.in_trouble.delay_s(tries))
            else:
                self._problem = None
                return

    async def _look(self) -> None:
        """Whether Telegram still knows where to call, and gets through. What it cannot deliver it keeps for a day."""
        try:
            info = await self._bot.get_webhook_info()
        except TelegramError as error:
            log.info("Telegram does not say what it knows of the webhook: %s", error)
            return
        if info.url != self._url or set(info.allowed_updates or ()) != set(ALLOWED_UPDATES):
            log.warning("somebody changed the webhook, perhaps another copy of this bot; it is set again")
            await self._register()
        elif info.pending_update_count and info.last_error_message:
            self._problem = f"Telegram cannot deliver {info.pending_update_count} updates: {info.last_error_message}"
            log.warning("%s", self._problem)
        else:
            self._problem = None

    async def _accept(self, update: Mapping[str, Any]) -> bool:
        """Whether the update is committed; if not, Telegram keeps it and calls again."""
        try:
            if await self._inbox.full():
                return False
            await self._inbox.accept([update])
        except DatabaseError as error:
            log.warning("an update was not taken: %s", error)
            return False
        return True
