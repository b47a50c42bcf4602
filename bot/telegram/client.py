"""The connection to a Bot API server: python-telegram-bot's methods by aiohttp, raw updates, and files.

PTB's own HTTP, httpx, takes several times as long over a call (docs/load.md).
https://docs.python-telegram-bot.org/en/stable/telegram.request.baserequest.html
"""

import asyncio
import json
import os
from contextlib import suppress
from datetime import timedelta
from http import HTTPStatus
from typing import Any, cast
from urllib.parse import quote, urlsplit

import aiohttp
from telegram import Bot
from telegram.error import BadRequest, InvalidToken, NetworkError, RetryAfter, TimedOut
from telegram.request import BaseRequest, RequestData

from bot.errors import Later, TokenRejected
from bot.term import Term
from bot.timing import Timing

ALLOWED_UPDATES = (
    *("message", "edited_message", "channel_post", "edited_channel_post"),
    *("callback_query", "inline_query", "my_chat_member", "guest_message", "message_reaction"),
)
DOWNLOAD_LIMIT_BYTES = 20 * 2**20  # https://core.telegram.org/bots/api#getfile
REPLY_LIMIT_BYTES = 32 * 2**20  # a hundred updates have less
UPLOAD_S = 20.0  # more, for bytes of ours to be sent
SAID_LETTERS = 200  # of why a server refuses: it may quote what people wrote
CONNECTIONS = 128

_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_DONE = b'{"ok":true'


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
                    said = response.headers.get("Retry-After", "")
                    raise RetryAfter(int(said) if said.isascii() and said.isdecimal() and len(said) < 6 else 1)
                if response.status != HTTPStatus.OK:
                    raise NetworkError(f"download answered {response.status}")
                return await bounded(response, limit_bytes)
        except TimeoutError as error:
            raise TimedOut("download timed out") from error
        except aiohttp.ClientError as error:
            raise NetworkError(f"download: {type(error).__name__}") from error


class TelegramRequests(BaseRequest):
    """Calls with a bound on each. Errors name no URL, for the token is in it."""

    def __init__(self, connections: int, request_s: float, term: Term, *, by_proxy: bool) -> None:
        """`term`: outside of it nothing is sent. `by_proxy`: as `HTTPS_PROXY` and its like say."""
        self._term = term
        self._connections = connections
        self._request_s = request_s
        self._by_proxy = by_proxy
        self._session: aiohttp.ClientSession | None = None

    @property
    def read_timeout(self) -> float:
        """Seconds, where a call asks for nothing else."""
        return self._request_s

    async def initialize(self) -> None:
        """Open the connections' pool."""
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=self._connections, socket_factory=self._term.socket),
                cookie_jar=aiohttp.DummyCookieJar(),
                headers={"User-Agent": self.USER_AGENT},
                trust_env=self._by_proxy,
            )

    async def shutdown(self) -> None:
        """Close them."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def abort(self) -> None:
        """End what is under way, and begin with new connections."""
        if self._session is not None:
            await self.shutdown()
            await self.initialize()

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: object = BaseRequest.DEFAULT_NONE,
        write_timeout: object = BaseRequest.DEFAULT_NONE,  # noqa: ARG002 - PTB's signature; our own bounds hold
        connect_timeout: object = BaseRequest.DEFAULT_NONE,  # noqa: ARG002
        pool_timeout: object = BaseRequest.DEFAULT_NONE,  # noqa: ARG002
    ) -> tuple[int, bytes]:
        """Returns: status and body. Raises: TimedOut, NetworkError."""
        if self._session is None:
            raise NetworkError("the connection is closed")
        form = aiohttp.FormData(request_data.json_parameters if request_data is not None else ())
        uploads = request_data.multipart_data if request_data is not None else None
        for name, (filename, content, mime) in (uploads or {}).items():
            form.add_field(name, cast("bytes", content), filename=filename, content_type=mime)
        read_s = float(read_timeout) if isinstance(read_timeout, int | float) else self._request_s
        answer_s = read_s + (UPLOAD_S if uploads else 0)
        timeout = aiohttp.ClientTimeout(total=self._request_s + answer_s, connect=self._request_s, sock_read=answer_s)
        try:
            async with self._session.request(
                method, url, data=form, timeout=timeout, allow_redirects=False
            ) as response:
                return response.status, checked(response.status, await bounded(response, REPLY_LIMIT_BYTES))
        except FileTooBig as error:
            raise NetworkError(f"a reply of {error}") from error
        except TimeoutError as error:
            raise TimedOut from error
        except (aiohttp.ClientError, OSError) as error:
            raise NetworkError(type(error).__name__) from error

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        """PTB's own logs the whole of what it cannot read, and that is what people wrote. Raises NetworkError."""
        try:
            reply = json.loads(payload)
        except (ValueError, RecursionError):
            if payload.startswith(_DONE):  # cut off on its way; what was asked for is done
                return {"ok": True, "result": None}
            reply = None
        if not isinstance(reply, dict):
            raise NetworkError("a reply that is no JSON")
        return reply


def checked(status: int, body: bytes) -> bytes:
    """What PTB may read of a reply.

    A 2xx counts as done if it says ok, whatever else is in it. Any other has the words of a Bot API server, or it says
    nothing about what was asked: a proxy's 404 is no unknown token, and its 403 nobody who blocked us.

    Raises:
        NetworkError: it is neither.
    """
    succeeded = status // 100 == HTTPStatus.OK // 100
    if succeeded and body.startswith(_DONE + b',"result"'):  # the usual one is read once, by PTB
        return body
    reply: dict[str, Any] = {}
    with suppress(NetworkError):
        reply = TelegramRequests.parse_json_payload(body)
    if succeeded and reply.get("ok") is True:
        return json.dumps({"result": None} | reply).encode()
    if succeeded or reply.get("ok") is not False:
        raise NetworkError(f"HTTP status {status} without a word of a Bot API server")
    said, parameters = reply.get("description"), reply.get("parameters")
    known = {
        key: value
        for key in ("migrate_to_chat_id", "retry_after")
        if isinstance(parameters, dict) and isinstance(value := parameters.get(key), int)
    }
    said = said[:SAID_LETTERS] if isinstance(said, str) else None
    return json.dumps({"ok": False, "description": said, "parameters": known or None}).encode()


async def bounded(response: aiohttp.ClientResponse, limit_bytes: int) -> bytes:
    """The body, as long as it is no longer. Raises FileTooBig."""
    received = bytearray()
    async for chunk in response.content.iter_any():
        received += chunk
        if len(received) > limit_bytes:
            raise FileTooBig(f"more than {limit_bytes} bytes")
    return bytes(received)


def seconds(error: RetryAfter) -> float:
    """How long Telegram asks to wait."""
    wait = error.retry_after
    return wait.total_seconds() if isinstance(wait, timedelta) else float(wait)
