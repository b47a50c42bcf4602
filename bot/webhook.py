"""The webhook: Telegram calls us. The other way for updates to come in, instead of `intake.py`."""

import asyncio
import logging
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from telegram.error import TelegramError

from bot.dispatcher import Dispatcher
from bot.pace import Pace
from bot.telegram_bot import ALLOWED_UPDATES, TelegramBot
from bot.web import WebServer
from db.errors import DatabaseError

DEFAULT_PATH = "/telegram"
CALLS_AT_ONCE = 40  # Telegram's own default

log = logging.getLogger(__name__)


class Webhook:
    """Opens our HTTP port to Telegram and tells Telegram so. Updates that waited for a poller arrive here, too."""

    def __init__(
        self, bot: TelegramBot, dispatcher: Dispatcher, web: WebServer, url: str, secret: str, pace: Pace
    ) -> None:
        parts = urlsplit(url)
        self._path = parts.path if parts.path not in {"", "/"} else DEFAULT_PATH
        self._url = urlunsplit(parts._replace(path=self._path))
        self._bot = bot
        self._dispatcher = dispatcher
        self._web = web
        self._secret = secret
        self._pace = pace
        self._problem: str | None = "the webhook is not set yet"

    async def run(self) -> None:
        """Take updates until cancelled."""
        self._web.open_webhook(self._path, self._secret, self._accept)
        try:
            await self._register()
            await asyncio.Event().wait()
        finally:
            self._web.close_webhook()

    async def ready(self) -> str | None:
        """A health check: whether Telegram knows where to call."""
        return self._problem

    async def _register(self) -> None:
        tries = 0
        while self._problem is not None:
            try:
                await self._bot.set_webhook(
                    self._url,
                    secret_token=self._secret,
                    allowed_updates=ALLOWED_UPDATES,
                    max_connections=CALLS_AT_ONCE,
                )
            except TelegramError as error:
                tries += 1
                self._problem = f"setWebhook failed: {error}"
                log.warning("%s", self._problem)
                await asyncio.sleep(self._pace.in_trouble.delay_s(tries))
            else:
                self._problem = None

    async def _accept(self, update: Mapping[str, Any]) -> bool:
        """Whether the update is committed; if not, Telegram keeps it and calls again."""
        if self._dispatcher.full:
            return False
        try:
            await self._dispatcher.accept([update])
        except DatabaseError as error:
            log.warning("an update was not taken: %s", error)
            return False
        return True
