"""The connection to a Bot API server: python-telegram-bot's methods, plus raw updates and bounded downloads."""

import asyncio
import os
from http import HTTPStatus
from typing import Any, Self
from urllib.parse import quote, urlsplit

import aiohttp
from telegram import Bot
from telegram.error import BadRequest, InvalidToken, NetworkError, RetryAfter, TimedOut

from bot.errors import Later, TokenRejected
from bot.telegram.http import TelegramRequests
from bot.term import Term
from bot.timing import Timing

ALLOWED_UPDATES = (
    *("message", "edited_message", "channel_post", "edited_channel_post"),
    *("callback_query", "inline_query", "my_chat_member", "guest_message", "message_reaction"),
)
DOWNLOAD_LIMIT_BYTES = 20 * 2**20  # https://core.telegram.org/bots/api#getfile
CONNECTIONS = 128

_CHUNK_BYTES = 2**16
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class FileTooBig(Exception):
    """The file is larger than the bot may or will download."""


class FileGone(Later):
    """Telegram does not give the file: not now, or never again. It uses the same words for both."""


class TelegramBot(Bot):
    """One bot at one server. ``await bot.initialize()`` before use, ``await bot.shutdown()`` after."""

    def __init__(self, api: str, token: str, timing: Timing, term: Term) -> None:
        """`term`: outside of it only `initialize` speaks."""
        # PTB's opt-in to durations as timedelta; without it every 429 raises a deprecation warning.
        os.environ.setdefault("PTB_TIMEDELTA", "true")
        # A proxy from the environment leads out of the machine, and the local chat is on it.
        self._by_proxy = urlsplit(api).hostname not in _LOOPBACK
        self._ways = [
            TelegramRequests(count, timing.request_s, term, by_proxy=self._by_proxy) for count in (CONNECTIONS, 2)
        ]
        super().__init__(
            token,
            base_url=f"{api}/bot",
            base_file_url=f"{api}/file/bot",
            request=self._ways[0],
            get_updates_request=self._ways[1],
        )
        self._timing = timing
        self._term = term
        self._files: aiohttp.ClientSession | None = None

    async def initialize(self) -> None:
        """Open the connections and ask who we are.

        Raises:
            TokenRejected: the server does not know the token.
            NetworkError: the server cannot be reached.
        """
        if self._files is None:
            self._files = aiohttp.ClientSession(trust_env=self._by_proxy)
        try:
            with self._term.introduction():
                await super().initialize()
        except (AttributeError, KeyError, TypeError, ValueError) as error:  # PTB takes a reply as it is
            raise NetworkError("getMe describes no bot") from error
        except InvalidToken:
            host = urlsplit(self.base_url).hostname
            raise TokenRejected(f"BREEDBOT_TELEGRAM_TOKEN=***: {host} does not know this token") from None

    async def shutdown(self) -> None:
        """Close the connections."""
        await super().shutdown()
        for way in self._ways:  # PTB leaves them open if it was cancelled while it opened them
            await way.shutdown()
        if self._files is not None:
            await self._files.close()
            self._files = None

    async def abort_when_over(self) -> None:
        """Whenever the term ends, end the calls that are under way; until cancelled."""
        while True:
            await self._term.held()
            while (left_s := self._term.left_s) > 0:  # noqa: ASYNC110 - it is renewed meanwhile
                await asyncio.sleep(left_s)
            for way in self._ways:
                await way.abort()

    async def raw_updates(self, offset: int | None, limit: int, wait_s: float) -> list[dict[str, Any]]:
        """Updates from ``offset`` on, as the server sent them, waiting up to ``wait_s`` for the first.

        They are stored before anything of ours, or of PTB's, looks into them. Raises: TelegramError.
        """
        wanted: dict[str, Any] = {"timeout": int(wait_s), "limit": limit, "allowed_updates": list(ALLOWED_UPDATES)}
        if offset is not None:
            wanted["offset"] = offset
        updates = await self._post("getUpdates", wanted, read_timeout=wait_s + self._timing.request_s)
        if not isinstance(updates, list):
            raise NetworkError("getUpdates gives no list")
        return [update for update in updates if isinstance(update, dict)]

    async def file_path(self, file_id: str, limit_bytes: int = DOWNLOAD_LIMIT_BYTES) -> str:
        """Where a file is at the server, for about an hour.

        Raises:
            FileTooBig: more than ``limit_bytes``.
            FileGone: the server has no such file, or says so.
            NetworkError: try again.
            RetryAfter: try again then.
        """
        try:
            file = await self._post("getFile", {"file_id": file_id})
        except BadRequest as error:
            if "too big" in error.message.lower():
                raise FileTooBig(error.message) from error
            raise FileGone(error.message) from error
        if not isinstance(file, dict):
            raise NetworkError("getFile describes no file")
        size_bytes, path = file.get("file_size"), file.get("file_path")
        if isinstance(size_bytes, int) and size_bytes > limit_bytes:
            raise FileTooBig(f"{size_bytes} bytes")
        if not isinstance(path, str) or not path:
            raise FileGone("Telegram does not say where the file is")
        return path

    async def download(self, file_path: str, limit_bytes: int = DOWNLOAD_LIMIT_BYTES) -> bytes:
        """The bytes at such a place. Raises as `file_path`."""
        url = f"{self.base_file_url}/{quote(file_path)}"
        if self._files is None:
            raise NetworkError("the connection is closed")
        timeout = aiohttp.ClientTimeout(total=self._timing.download_s)
        try:
            async with self._files.get(url, timeout=timeout, allow_redirects=False) as response:
                if response.status in {HTTPStatus.NOT_FOUND, HTTPStatus.GONE}:
                    raise FileGone("the file is not there any more")
                if response.status == HTTPStatus.TOO_MANY_REQUESTS:
                    raise RetryAfter(_pause_s(response.headers.get("Retry-After", "")))
                if response.status != HTTPStatus.OK:
                    raise NetworkError(f"download answered {response.status}")
                return await _bounded(response, limit_bytes)
        except TimeoutError as error:
            raise TimedOut("download timed out") from error
        except aiohttp.ClientError as error:
            raise NetworkError(f"download: {type(error).__name__}") from error

    async def __aenter__(self) -> Self:
        await self.initialize()
        return self


def _pause_s(said: str) -> int:
    return int(said) if said.isascii() and said.isdecimal() and len(said) < 6 else 1


async def _bounded(response: aiohttp.ClientResponse, limit_bytes: int) -> bytes:
    received = bytearray()
    async for chunk in response.content.iter_chunked(_CHUNK_BYTES):
        received += chunk
        if len(received) > limit_bytes:
            raise FileTooBig(f"more than {limit_bytes} bytes")
    return bytes(received)
