"""Calls over a real socket: what arrives, how long they may take, and what their errors give away."""

import asyncio
import logging
from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from stage import leading
from telegram import Bot
from telegram.error import BadRequest, NetworkError, RetryAfter, TimedOut

from bot.telegram.client import SAID_LETTERS, TelegramRequests

TOKEN = "123:secret"


class Server:
    """Answers as it is told and keeps what came."""

    def __init__(self) -> None:
        self.fields: dict[str, bytes] = {}
        self.agent = ""
        self.delay_s = 0.0
        self.answer: dict[str, object] = {"ok": True, "result": True}
        self.status = 200
        self.raw: bytes | None = None

    async def take(self, request: web.Request) -> web.Response:
        self.agent = request.headers["User-Agent"]
        form = await request.post()
        self.fields = {
            name: value.file.read() if isinstance(value, web.FileField) else str(value).encode()
            for name, value in form.items()
        }
        await asyncio.sleep(self.delay_s)
        if self.raw is not None:
            return web.Response(body=self.raw, status=self.status)
        return web.json_response(self.answer, status=self.status)


@pytest.fixture
def server() -> Server:
    return Server()


@pytest.fixture
async def url(server: Server) -> AsyncIterator[str]:
    app = web.Application()
    app.router.add_post("/{path:.*}", server.take)
    async with TestServer(app) as running:
        yield str(running.make_url("/bot"))


@pytest.fixture
async def bot(url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Bot]:
    monkeypatch.setenv("PTB_TIMEDELTA", "true")  # as `TelegramBot` says
    requests = TelegramRequests(4, 0.5, leading(), by_proxy=False)
    await requests.initialize()
    yield Bot(TOKEN, base_url=url, request=requests)
    await requests.shutdown()


async def test_parameters_and_files_arrive_as_they_are(bot: Bot, server: Server) -> None:
    server.answer["result"] = {"message_id": 1, "date": 1, "chat": {"id": 7, "type": "private"}}
    await bot.send_photo(7, b"\xff\xd8 bytes", caption="Bärbel & <b>")

    assert server.fields == {"chat_id": b"7", "caption": "Bärbel & <b>".encode(), "photo": b"\xff\xd8 bytes"}
    assert server.agent.startswith("python-telegram-bot")


async def test_what_the_server_refuses_is_raised_as_ptb_does(bot: Bot, server: Server) -> None:
    server.status = 429
    server.answer = {"ok": False, "error_code": 429, "description": "Too Many", "parameters": {"retry_after": 3}}

    with pytest.raises(RetryAfter):
        await bot.log_out()


@pytest.mark.slow
async def test_a_server_that_does_not_answer_is_given_up_in_time_unless_one_waits_on_purpose(
    bot: Bot, server: Server
) -> None:
    server.delay_s = 1.0
    with pytest.raises(TimedOut):
        await bot.log_out()

    assert await bot.log_out(read_timeout=30)


async def test_errors_do_not_name_the_token(server: Server) -> None:
    requests = TelegramRequests(4, 0.5, leading(), by_proxy=False)
    await requests.initialize()
    bot = Bot(TOKEN, base_url="http://127.0.0.1:1/bot", request=requests)
    try:
        with pytest.raises(NetworkError) as caught:
            await bot.log_out()
    finally:
        await requests.shutdown()

    assert TOKEN not in str(caught.value)


async def test_nothing_is_called_before_it_is_opened_or_after_it_is_closed(bot: Bot) -> None:
    await bot.request.shutdown()
    await bot.request.shutdown()

    with pytest.raises(NetworkError, match="closed"):
        await bot.log_out()


WORDS = "my dog is called Bella"
HTML = f"<html>{WORDS}</html>".encode()


@pytest.mark.parametrize("status", [200, 401, 403, 404, 429, 500, 502])
@pytest.mark.parametrize("body", [b"", HTML, b"[1]", b'"ok"', b'{"ok": tr', b"\xff\xfe", HTML * 100_000])
async def test_a_reply_that_is_none_says_nothing_and_none_of_it_is_logged(
    bot: Bot, server: Server, caplog: pytest.LogCaptureFixture, status: int, body: bytes
) -> None:
    server.status, server.raw = status, body

    with caplog.at_level(logging.DEBUG), pytest.raises(NetworkError) as caught:
        await bot.send_message(7, "hello")

    assert type(caught.value) is NetworkError, "not blocked, no unknown token, no bad request"
    assert "Bella" not in caplog.text + str(caught.value)
    assert not [record for record in caplog.records if record.exc_info]


async def test_what_says_ok_is_done_and_not_asked_for_again(
    bot: Bot, server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    for server.raw in (b'{"ok":true}', b'{"ok":true,"res', f'{{"ok":true,"result":{{"text":"{WORDS}'.encode()):
        assert await bot.log_out() is None

    assert "Bella" not in caplog.text


@pytest.mark.parametrize("said", [{"description": 5}, {"parameters": {"retry_after": "soon"}}, {"parameters": []}])
async def test_a_refusal_of_wrong_kinds_is_a_refusal(bot: Bot, server: Server, said: dict[str, object]) -> None:
    server.status, server.answer = 400, {"ok": False, **said}

    with pytest.raises(BadRequest):
        await bot.log_out()


async def test_a_long_refusal_is_cut(bot: Bot, server: Server) -> None:
    server.status, server.answer = 400, {"ok": False, "description": "x" * 2**20}

    with pytest.raises(BadRequest) as caught:
        await bot.log_out()
    assert len(caught.value.message) == SAID_LETTERS
