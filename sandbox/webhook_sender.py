"""Delivers updates to the bot's webhook: one after the other, again and again until it says 2xx."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import asdict, dataclass
from typing import Any

import aiohttp

from sandbox.state.database import Database
from sandbox.state.world import World

_SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 (the name of a header)


@dataclass(slots=True)
class WebhookSettings:
    """An empty url means: no webhook. The errors are those of getWebhookInfo."""

    url: str = ""
    secret: str = ""
    max_connections: int = 40
    last_error_date: int = 0
    last_error_message: str = ""

    @classmethod
    def load(cls, database: Database) -> WebhookSettings:
        """What setWebhook saved."""
        return cls(**database.value("webhook", {}))

    def save(self, database: Database) -> None:
        """Survives restarts."""
        database.set_value("webhook", asdict(self))


class WebhookSender:
    """Run by the server as long as it lives; idle while no webhook is set."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._failures = 0

    async def run(self) -> None:
        """Until cancelled."""
        timeout = aiohttp.ClientTimeout(total=self._world.limits.webhook_timeout_s)
        async with aiohttp.ClientSession(timeout=timeout) as session:
            while True:
                self._world.updates.arrived.clear()
                settings = WebhookSettings.load(self._world.database)
                first = self._world.updates.pending(1) if settings.url else []
                if first:
                    await self._deliver(session, settings, first[0])
                else:
                    await self._world.updates.arrived.wait()

    async def _deliver(self, session: aiohttp.ClientSession, settings: WebhookSettings, update: dict[str, Any]) -> None:
        error = await self._post(session, settings, update)
        if not error and self._world.faults.strikes_delivery():
            error = await self._post(session, settings, update)
        if error:
            await self._failed(error, settings.url)
            return
        self._failures = 0
        self._world.updates.confirm(update["update_id"] + 1)

    async def _post(self, session: aiohttp.ClientSession, settings: WebhookSettings, update: dict[str, Any]) -> str:
        """Empty when the bot said 2xx, else what went wrong in Telegram's words."""
        headers = {_SECRET_HEADER: settings.secret} if settings.secret else {}
        try:
            async with session.post(settings.url, json=update, headers=headers, allow_redirects=False) as response:
                if 200 <= response.status < 300:
                    return ""
                return f"Wrong response from the webhook: {response.status} {response.reason}"
        except TimeoutError:
            return "Read timeout expired"
        except aiohttp.ClientConnectorError:
            return "Connection refused"
        except aiohttp.ClientError as error:
            return f"Connection failed: {error}"

    async def _failed(self, error: str, url: str) -> None:
        """Notes the error and waits, doubling."""
        settings = WebhookSettings.load(self._world.database)
        if settings.url == url:
            settings.last_error_date, settings.last_error_message = self._world.now(), error
            settings.save(self._world.database)
        limits = self._world.limits
        delay_s = min(limits.webhook_first_retry_s * 2 ** min(self._failures, 20), limits.webhook_last_retry_s)
        self._failures += 1
        changed = self._world.updates.webhook_changed
        changed.clear()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(changed.wait(), delay_s)  # a new webhook ends the wait
