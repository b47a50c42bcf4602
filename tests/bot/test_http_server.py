"""The HTTP port says whether the bot lives and works, counts what it does, and takes updates only from Telegram."""

import asyncio
import json
from io import BytesIO
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from ports import free_port
from pydantic import SecretStr
from stage import Stage, photo

from bot.errors import PortInUse
from bot.health import Health
from bot.http_server import SECRET_HEADER, WebServer
from bot.metrics import Metrics
from sandbox import ALICE


async def get(port: int, path: str) -> tuple[int, str]:
    async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{port}{path}") as response:
        return response.status, await response.text()


async def post(port: int, path: str, body: bytes, secret: str | None = None) -> int:
    headers = {SECRET_HEADER: secret} if secret is not None else {}
    url = f"http://127.0.0.1:{port}{path}"
    async with (
        aiohttp.ClientSession() as session,
        session.post(url, data=BytesIO(body), headers=headers) as response,
    ):
        return response.status


async def raw_post(port: int, header: bytes) -> bytes:
    """The status of a post to /hook with a header that no client library would send."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"POST /hook HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nConnection: close\r\n" + header + b"\r\n\r\n")
    status = (await reader.readline()).split()[1]
    writer.close()
    await writer.wait_closed()
    return status


async def test_a_running_bot_is_alive_and_ready(stage: Stage) -> None:
    stage.hurry(poll_s=30.0)

    async with stage.bot():
        async with asyncio.timeout(60):
            while (await get(stage.web.port, "/readyz"))[0] != 200:  # noqa: ASYNC110 - nobody has written, nor needs to
                await asyncio.sleep(0.01)

        assert (await get(stage.web.port, "/healthz"))[0] == 200
        assert await get(stage.web.port, "/readyz") == (200, '{"ready": true, "problems": {}}')


async def test_what_is_not_ready_is_named(stage: Stage) -> None:
    await stage.chat.stop()

    async with stage.bot() as app:

        async def no_model() -> str:
            return "no model"

        async def broken() -> str:
            raise ZeroDivisionError

        app.parts.health.add("model", no_model)
        app.parts.health.add("broken", broken)
        status, text = await get(stage.web.port, "/readyz")

    assert status == 503
    assert set(json.loads(text)["problems"]) == {"telegram", "model", "broken"}


async def test_the_work_is_counted(stage: Stage) -> None:
    async with stage.bot():
        answer = await stage.chat.wait_for_reply(await stage.chat.send_photo(ALICE, photo()))
        await stage.settled()
        await stage.chat.press(answer, "❌")
        menu = await stage.chat.wait_for(lambda one: one.has_button("🚫"), chat=ALICE)
        await (await stage.chat.press(menu, "🚫")).answer()
        _, text = await get(stage.web.port, "/metrics")

    assert 'breedbot_updates_total{kind="message"} 1.0' in text
    assert 'breedbot_answers_total{kind="breed"} 1.0' in text
    assert 'breedbot_verdicts_total{verdict="not_a_dog"} 1.0' in text
    assert "breedbot_wrong_share 1.0" in text
    assert "breedbot_answer_seconds_count 1.0" in text


async def test_a_taken_port_is_one_clear_error() -> None:
    async with WebServer("127.0.0.1", 0, Health(), Metrics()) as first:
        with pytest.raises(PortInUse, match=f"BREEDBOT_HTTP_PORT={first.port}"):
            async with WebServer("127.0.0.1", first.port, Health(), Metrics()):
                pass


async def test_a_webhook_takes_only_what_shows_the_secret_and_says_200_once_it_is_stored() -> None:
    taken: list[dict[str, Any]] = []
    stored = True

    async def accept(update: dict[str, Any]) -> bool:
        taken.append(update)
        return stored

    async with WebServer("127.0.0.1", 0, Health(), Metrics()) as server:
        port = server.port
        assert await post(port, "/hook", b"{}", "right") == 404
        server.open_webhook("/hook", "right", accept)
        assert await post(port, "/hook", b"{}") == 403
        assert await post(port, "/hook", b"{}", "wrong") == 403
        assert await post(port, "/hook", b"{}", "\u00e4") == 403
        assert await raw_post(port, f"{SECRET_HEADER}: \xe4".encode("latin-1")) == b"403"
        assert await post(port, "/other", b"{}", "right") == 404
        assert await post(port, "/hook", b"no json", "right") == 400
        assert await post(port, "/hook", b"[]", "right") == 400
        assert await post(port, "/hook", b"{" + b" " * 2**21 + b"}", "right") == 413
        assert taken == []
        assert await post(port, "/hook", b'{"update_id": 1}', "right") == 200
        stored = False
        assert await post(port, "/hook", b'{"update_id": 2}', "right") == 503
        server.close_webhook()
        assert await post(port, "/hook", b"{}", "right") == 404


async def test_with_a_webhook_photos_are_answered_just_the_same(stage: Stage) -> None:
    port = free_port()
    stage.set(http_port=port, webhook_url=f"http://127.0.0.1:{port}", webhook_secret=SecretStr("s3cret"))
    waited = await stage.chat.send_photo(ALICE, photo())

    async with stage.bot():
        await stage.chat.wait_for_reply(waited)
        await stage.chat.wait_for_reply(await stage.chat.send_photo(ALICE, photo(7)))
        assert await get(port, "/readyz") == (200, '{"ready": true, "problems": {}}')
    assert stage.chat.faults.calls["getUpdates"] == 0
    stage.set(webhook_url=None)
    late = await stage.chat.send_photo(ALICE, photo(8))
    async with stage.bot():
        await stage.chat.wait_for_reply(late)
        await stage.settled()

    assert len([one for one in stage.chat.messages(ALICE) if one.from_bot]) == 3


async def test_what_is_mounted_gets_everything_below_its_name_and_nothing_else() -> None:
    async def room(request: web.Request) -> web.Response:
        return web.Response(text=f"{request.method} {request.path}")

    async with WebServer("127.0.0.1", 0, Health(), Metrics()) as server:
        server.mount("/room", room)

        assert await get(server.port, "/room") == (200, "GET /room")
        assert await get(server.port, "/room/a/b") == (200, "GET /room/a/b")
        assert await post(server.port, "/room/a", b"") == 200
        for elsewhere in ("/", "/rooms", "/a/room", "//room"):
            assert (await get(server.port, elsewhere))[0] == 404, elsewhere
        assert (await get(server.port, "/healthz"))[0] == 200
        server.unmount("/room")
        assert (await get(server.port, "/room"))[0] == 404


async def test_what_is_no_http_is_refused_and_fills_no_log(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    async with stage.bot():
        reader, writer = await asyncio.open_connection("127.0.0.1", stage.web.port)
        writer.write(b"GET /a secret\xff\xfe?x=\xd9\xa3 HTTP/1.1\r\nHost: x\r\n\r\n")
        status = (await reader.readline()).split()[1]
        writer.close()
        await writer.wait_closed()

    assert status == b"400"
    assert not [record for record in caplog.records if record.name.startswith(("aiohttp", "bot.http_server"))]
