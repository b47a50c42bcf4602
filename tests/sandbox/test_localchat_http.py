"""The HTTP rim: other websites are kept out, odd requests are answered, the page's own endpoints work."""

import asyncio
import json
from io import BytesIO
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from localchat_photos import picture

from sandbox import ALICE, BRUNO, ChatMessage, LocalChat


@pytest_asyncio.fixture
async def web(chat: LocalChat) -> Any:
    async with aiohttp.ClientSession(chat.url) as session:
        yield session


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Host": "evil.example"}, 403),  # DNS rebinding: a foreign name that leads to us
    ],
)
async def test_other_websites_cannot_drive_the_chat(
    chat: LocalChat, web: aiohttp.ClientSession, headers: dict[str, str], status: int
) -> None:
    async with web.post("/api/messages", data={"user": "alice", "text": "hi"}, headers=headers) as response:
        assert response.status == status

    assert len(chat.messages(ALICE)) == (1 if status == 200 else 0)


async def test_the_page_allows_nothing_from_elsewhere(web: aiohttp.ClientSession) -> None:
    async with web.get("/") as response:
        policy = response.headers["Content-Security-Policy"]
        page = await response.text()

    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http://" not in page
    assert "https://" not in page
    assert "style=" not in page
    assert "onclick=" not in page


@pytest.mark.parametrize(
    "path", ["/page/../server.py", "/page/%2e%2e%2fserver.py", "/page/index.html", "/api/files/x", "/nothing"]
)
async def test_only_the_pages_files_are_served(web: aiohttp.ClientSession, path: str) -> None:
    async with web.get(path) as response:
        assert response.status == 404


async def test_what_a_browser_could_run_is_only_downloaded(chat: LocalChat, web: aiohttp.ClientSession) -> None:
    sent = await chat.send_document(ALICE, b"<script>alert(1)</script>", name="x.html")

    async with web.get(f"/api/files/{sent.payload['document']['file_id']}") as response:
        assert response.headers["Content-Disposition"] == "attachment"
        assert response.content_type == "application/octet-stream"
        assert response.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    ("how", "status", "description"),
    [
        (
            {"data": b"{broken", "headers": {"Content-Type": "application/json"}},
            400,
            "Bad Request: can't parse JSON object",
        ),
        ({"json": ["list"]}, 400, "Bad Request: object expected as the request body"),
        ({"json": {"text": "hi"}}, 400, "Bad Request: chat_id is empty"),
        ({"json": {"chat_id": "@nobody", "text": "hi"}}, 400, "Bad Request: chat not found"),
        ({"json": {"chat_id": ALICE.id, "text": {}}}, 400, "Bad Request: text must be a string"),
        (
            {"json": {"chat_id": ALICE.id, "text": "hi", "reply_markup": "{"}},
            400,
            "Bad Request: can't parse reply_markup JSON object",
        ),
        (
            {"json": {"chat_id": ALICE.id, "text": "hi", "reply_parameters": 7}},
            400,
            "Bad Request: reply_parameters: an Object is expected",
        ),
        (
            {"json": {"chat_id": ALICE.id, "text": "hi", "parse_mode": "Klingon"}},
            400,
            "Bad Request: unsupported parse_mode",
        ),
    ],
)
async def test_bad_arguments_are_named(
    chat: LocalChat, web: aiohttp.ClientSession, how: dict[str, Any], status: int, description: str
) -> None:
    async with web.post(f"/bot{chat.token}/sendMessage", **how) as response:
        answer = await response.json()

    assert (response.status, answer) == (status, {"ok": False, "error_code": status, "description": description})


async def test_unknown_methods_and_tokens(chat: LocalChat, web: aiohttp.ClientSession) -> None:
    async with web.get(f"/bot{chat.token}/sendLove") as response:
        assert (response.status, (await response.json())["description"]) == (404, "Not Found")
    async with web.get("/bot1:wrong/getMe") as response:
        assert (response.status, (await response.json())["description"]) == (401, "Unauthorized")
    async with web.get(f"/file/bot{chat.token}/photos/../../localchat.sqlite3") as response:
        assert response.status == 404


async def test_methods_take_queries_forms_and_any_case(chat: LocalChat, web: aiohttp.ClientSession) -> None:
    async with web.get(f"/bot{chat.token}/SENDMESSAGE", params={"chat_id": ALICE.id, "text": "by query"}) as response:
        assert (await response.json())["ok"]
    async with web.post(f"/bot{chat.token}/sendMessage", data={"chat_id": ALICE.id, "text": "by form"}) as response:
        assert (await response.json())["ok"]

    assert [message.text for message in chat.messages(ALICE)] == ["by query", "by form"]


async def test_live_events_tell_everything_to_those_concerned(chat: LocalChat, web: aiohttp.ClientSession) -> None:
    async with web.get("/api/events", params={"user": "alice"}) as stream:
        assert await event(stream) == {"type": "hello"}
        await chat.send_text("bruno", "not for alice")
        await chat.send_text("alice", "hello")
        shown = await event(stream)
        await web.get(f"/bot{chat.token}/sendChatAction", params={"chat_id": ALICE.id, "action": "typing"})

        assert shown["message"]["text"] == "hello"
        assert (await event(stream))["action"] == "typing"


async def event(stream: aiohttp.ClientResponse) -> dict[str, Any]:
    line = await asyncio.wait_for(stream.content.readline(), 5)
    await stream.content.readline()
    found: dict[str, Any] = json.loads(line.removeprefix(b"data: "))
    return found


async def test_uploads_through_the_page(chat: LocalChat, web: aiohttp.ClientSession) -> None:
    form = aiohttp.FormData({"user": "alice", "text": "two"})
    for name in ("one.jpg", "two.jpg"):
        form.add_field("file", picture(200, 100), filename=name)

    async with web.post("/api/messages", data=form) as response:
        assert (await response.json())["message_ids"] == [1, 2]

    assert len({message.album for message in chat.messages(ALICE)}) == 1
    assert not list(chat.world.files.incoming.iterdir())


async def test_too_large_an_upload_leaves_nothing_behind(chat: LocalChat, web: aiohttp.ClientSession) -> None:
    form = aiohttp.FormData({"user": "alice"})
    form.add_field("file", BytesIO(bytes(50 * 2**20 + 1)), filename="huge.bin")

    async with web.post("/api/messages", data=form) as response:
        assert response.status == 400
        assert "50 MB" in (await response.json())["error"]

    assert not list(chat.world.files.incoming.iterdir())


async def test_faults_are_switched_over_http(chat: LocalChat, web: aiohttp.ClientSession) -> None:
    async with web.post("/api/faults", json={"kind": "slow", "delay_s": 2, "seed": 5}) as response:
        [rule] = (await response.json())["rules"]
    async with web.post("/api/faults", json={"kind": "slow", "colour": "red"}) as response:
        assert "colour" in (await response.json())["error"]
    async with web.delete(f"/api/faults/{rule['id']}") as response:
        assert (await response.json())["rules"] == []

    assert chat.faults.seed == 5


async def test_people_edit_only_what_they_wrote_and_within_telegrams_limits(
    chat: LocalChat, web: aiohttp.ClientSession
) -> None:
    text = await chat.send_text(BRUNO, "salut", chat="group")
    photo = await chat.send_photo(BRUNO, picture(300, 200), chat="group")

    async def edit(user: str, message: ChatMessage, text: str) -> dict[str, Any]:
        body = {"user": user, "chat": "group", "message_id": message.message_id, "text": text}
        async with web.post("/api/edits", json=body) as response:
            answer: dict[str, Any] = await response.json()
            return answer

    assert "cannot be edited" in (await edit("alice", text, "mine"))["error"]
    assert "characters" in (await edit("bruno", text, ""))["error"]
    assert "characters" in (await edit("bruno", photo, "x" * 1025))["error"]
    assert "error" not in await edit("bruno", photo, "x" * 1024)
    assert chat.message(text).text == "salut"
