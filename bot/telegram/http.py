"""How calls reach a Bot API server: PTB's place for one's own HTTP, filled with aiohttp.

PTB's default, httpx, takes several times as long over a call (docs/load.md), and files come by aiohttp already.
https://docs.python-telegram-bot.org/en/stable/telegram.request.baserequest.html
"""

import json
from http import HTTPStatus
from typing import Any, cast

import aiohttp
from telegram.error import NetworkError, TimedOut
from telegram.request import BaseRequest, RequestData

from bot.term import Term

REPLY_LIMIT_BYTES = 32 * 2**20  # a hundred updates have less
UPLOAD_S = 20.0  # more, for bytes of ours to be sent
SAID_LETTERS = 200  # of why a server refuses: it may quote what people wrote
_DONE = b'{"ok":true'


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
        read_s = float(read_timeout) if isinstance(read_timeout, int | float) else self._request_s
        files = request_data is not None and request_data.contains_files
        timeout = aiohttp.ClientTimeout(
            total=self._request_s + read_s + (UPLOAD_S if files else 0),
            connect=self._request_s,
            sock_read=read_s + (UPLOAD_S if files else 0),
        )
        try:
            async with self._session.request(
                method, url, data=_form(request_data), timeout=timeout, allow_redirects=False
            ) as response:
                return response.status, checked(response.status, await _bounded(response))
        except TimeoutError as error:
            raise TimedOut from error
        except (aiohttp.ClientError, OSError) as error:
            raise NetworkError(type(error).__name__) from error

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        """PTB's own logs the whole of what it cannot read, and that is what people wrote. Raises NetworkError."""
        reply = _object(payload)
        if reply is None and payload.startswith(_DONE):
            return {"ok": True, "result": None}  # cut off on its way; what was asked for is done
        if reply is None:
            raise NetworkError("a reply that is no JSON")
        return reply


async def _bounded(response: aiohttp.ClientResponse) -> bytes:
    received = bytearray()
    async for chunk in response.content.iter_any():
        received += chunk
        if len(received) > REPLY_LIMIT_BYTES:
            raise NetworkError(f"a reply of more than {REPLY_LIMIT_BYTES} bytes")
    return bytes(received)


def checked(status: int, body: bytes) -> bytes:
    """What PTB may read of a reply.

    A 2xx counts as done if it says ok, whatever else is in it. Any other has the words of a Bot API server, or it says
    nothing about what was asked: a proxy's 404 is no unknown token, and its 403 nobody who blocked us.

    Raises:
        NetworkError: it is neither.
    """
    succeeded = status // 100 == HTTPStatus.OK // 100
    if succeeded and body.startswith((_DONE + b',"result"', _DONE + b"}")):
        return body if body.startswith(_DONE + b',"result"') else b'{"ok":true,"result":null}'
    reply = _object(body)
    if succeeded:
        if reply is None and body.startswith(_DONE):
            return b'{"ok":true,"result":null}'
        if reply is None or reply.get("ok") is not True:
            raise NetworkError("a reply that does not say whether it was done")
        return body if "result" in reply else json.dumps(reply | {"result": None}).encode()
    if reply is None or reply.get("ok") is not False:
        raise NetworkError(f"HTTP status {status} without a word of a Bot API server")
    return json.dumps(_refusal(reply)).encode()


def _refusal(reply: dict[str, Any]) -> dict[str, Any]:
    """What we understand of it, in the kinds that PTB expects."""
    said, parameters = reply.get("description"), reply.get("parameters")
    known = {
        key: value
        for key in ("migrate_to_chat_id", "retry_after")
        if isinstance(parameters, dict) and isinstance(value := parameters.get(key), int)
    }
    return {
        "ok": False,
        "description": said[:SAID_LETTERS] if isinstance(said, str) else None,
        "parameters": known or None,
    }


def _object(body: bytes) -> dict[str, Any] | None:
    try:
        reply = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return reply if isinstance(reply, dict) else None


def _form(data: RequestData | None) -> aiohttp.FormData | None:
    if data is None:
        return None
    form = aiohttp.FormData()
    for name, value in data.json_parameters.items():
        form.add_field(name, value)
    for name, (filename, content, mime) in (data.multipart_data or {}).items():
        form.add_field(name, cast("bytes", content), filename=filename, content_type=mime)
    return form
