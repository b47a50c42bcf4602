"""Somebody else's Telegram: the npm package telegram-test-api, behind a proxy that mends what it says otherwise."""

import asyncio
import json
import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from ports import free_port

PACKAGE = "telegram-test-api@4.2.1"
TOKEN = "666666666:AAFakeFakeFakeFakeFakeFakeFakeFakeFa"
FOLDER = Path(tempfile.gettempdir()) / f"breedbot-{PACKAGE}"
INSTALL_S = 180
PERSON = {"id": 4711, "first_name": "Alice", "is_bot": False, "language_code": "en"}
CHAT = {"id": 4711, "first_name": "Alice", "type": "private"}
SERVE = """
const TelegramServer = require('telegram-test-api');
new TelegramServer({port: Number(process.argv[1]), host: '127.0.0.1'}).start().then(() => console.log('up'));
"""


def install() -> None:
    """Into a folder that the next run finds again; skips the test where node, npm or its registry is not there."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip(f"{PACKAGE} needs node and npm, which are not here")
    if (FOLDER / "whole").exists():
        return
    command = ["npm", "install", "--prefix", str(FOLDER), "--no-audit", "--no-fund", "--ignore-scripts", PACKAGE]
    try:
        subprocess.run(command, capture_output=True, check=True, timeout=INSTALL_S, stdin=subprocess.DEVNULL)
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
        pytest.skip(f"npm does not bring {PACKAGE}: {error}")
    (FOLDER / "whole").touch()


class OtherTelegram:
    """What a test does with it: somebody sends, the bot's messages are read, a button is pressed."""

    def __init__(self, server: str, http: aiohttp.ClientSession, photo: bytes) -> None:
        self._server = server
        self._http = http
        self._photo = photo
        self._hook: tuple[str, str] | None = None
        self.url = ""  # of the proxy: what the bot is told to be Telegram's
        self.asked = asyncio.Event()  # for updates, by either way

    async def send_photo(self) -> None:
        photo = [{"file_id": "photo", "file_unique_id": "photo", "width": 640, "height": 480}]
        await self._client("sendMessage", {"from": PERSON, "chat": CHAT, "date": 1_750_000_000, "photo": photo})

    async def press(self, message: dict[str, Any], button: str) -> None:
        data = next(one["callback_data"] for one in _buttons(message) if button in one["text"])
        shown = {"message_id": message["message_id"], "chat": CHAT, "date": 1_750_000_000, "text": message["text"]}
        await self._client("sendCallback", {"from": PERSON, "message": shown, "data": data})

    async def said(self, holds: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The bot's first message of which this holds, once there is one."""
        async with asyncio.timeout(60):
            while True:
                told = await self._client("getUpdatesHistory", {"token": TOKEN})
                for update in told["result"]:
                    if "chat_id" in update.get("message", {}):
                        message = {**update["message"], "message_id": update["messageId"]}
                        if holds(message):
                            return message
                await asyncio.sleep(0.05)

    async def call(self, request: web.Request) -> web.Response:
        """A call of the bot."""
        method, form = request.match_info["method"], dict(await request.post())
        if method == "getFile":
            file = {"file_id": "photo", "file_unique_id": "photo", "file_path": "photos/1.jpg"}
            return web.json_response({"ok": True, "result": file})
        if method == "setWebhook":  # it calls without the secret that it was told
            self._hook = str(form["url"]), str(form["secret_token"])
            form["url"] = f"{self.url}/hook"
        async with self._http.post(f"{self._server}{request.path}", json=form) as answer:
            told = await answer.json()
        if not told.get("ok"):  # a method that it lacks
            return web.json_response({"ok": False, "error_code": 400, "description": "Bad Request"}, status=400)
        if method in {"getUpdates", "setWebhook"}:
            self.asked.set()
        return web.json_response({"ok": True, "result": _mended(method, told.get("result"))})

    async def hook(self, request: web.Request) -> web.Response:
        """An update on its way to the bot."""
        assert self._hook is not None
        url, secret = self._hook
        headers = {"X-Telegram-Bot-Api-Secret-Token": secret}
        async with self._http.post(url, json=_update(await request.json()), headers=headers) as answer:
            return web.Response(status=answer.status)

    async def file(self, _: web.Request) -> web.Response:
        return web.Response(body=self._photo)

    async def _client(self, path: str, content: dict[str, Any]) -> Any:
        async with self._http.post(f"{self._server}/{path}", json={"botToken": TOKEN, **content}) as answer:
            return await answer.json()


@asynccontextmanager
async def other_telegram(photo: bytes) -> AsyncIterator[OtherTelegram]:
    """The server, and the proxy before it; `photo`: what every file is."""
    port, proxy_port = free_port(), free_port()
    process = await asyncio.create_subprocess_exec(
        "node", "-e", SERVE, str(port), cwd=FOLDER, stdout=asyncio.subprocess.PIPE
    )
    try:
        assert process.stdout is not None
        assert await asyncio.wait_for(process.stdout.readline(), 60) == b"up\n"
        async with aiohttp.ClientSession() as http:
            telegram = OtherTelegram(f"http://127.0.0.1:{port}", http, photo)
            app = web.Application()
            app.router.add_post("/hook", telegram.hook)
            app.router.add_get("/file/{rest:.*}", telegram.file)
            app.router.add_route("*", "/bot{token}/{method}", telegram.call)
            runner = web.AppRunner(app)
            await runner.setup()
            await web.TCPSite(runner, "127.0.0.1", proxy_port).start()
            telegram.url = f"http://127.0.0.1:{proxy_port}"
            try:
                yield telegram
            finally:
                await runner.cleanup()
    finally:
        process.kill()
        await process.wait()


def _mended(method: str, result: Any) -> Any:
    """What Telegram would have said."""
    if method == "getMe":
        return {**result, "is_bot": True}
    if method == "getUpdates":
        return [_update(update) for update in result]
    if method == "sendMessage":  # the date is in ms, and beside the message all that was asked for is repeated as text
        return {key: result[key] for key in ("message_id", "chat", "text")} | {"date": result["date"] // 1000}
    return True if result is None else result


def _update(update: dict[str, Any]) -> dict[str, Any]:
    """A press without the chat's own name is none."""
    return {key: {**one, "chat_instance": "1"} if key == "callback_query" else one for key, one in update.items()}


def _buttons(message: dict[str, Any]) -> list[dict[str, Any]]:
    markup = message.get("reply_markup") or {}
    rows = (json.loads(markup) if isinstance(markup, str) else markup).get("inline_keyboard", [])
    return [button for row in rows for button in row]


def has_button(message: dict[str, Any], button: str) -> bool:
    """Whether the bot's message has a button of this text."""
    return any(button in one["text"] for one in _buttons(message))
