"""How the bot gets its updates: long poll, offsets, conflicts, the webhook."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import telegram
from aiohttp import web
from telegram.error import BadRequest, Conflict

from sandbox import ALICE, DAN, FaultKind, LocalChat


async def test_updates_stay_until_an_offset_confirms_them(chat: LocalChat, bot: telegram.Bot) -> None:
    for text in ("one", "two", "three"):
        await chat.send_text(ALICE, text)

    first = await bot.get_updates(limit=2)
    again = await bot.get_updates()
    rest = await bot.get_updates(offset=first[-1].update_id + 1)

    assert [update.message.text for update in first if update.message] == ["one", "two"]
    assert len(again) == 3
    assert [update.message.text for update in rest if update.message] == ["three"]
    assert chat.pending_updates() == 1


async def test_a_negative_offset_forgets_all_but_the_last(chat: LocalChat, bot: telegram.Bot) -> None:
    for text in ("one", "two"):
        await chat.send_text(ALICE, text)

    [last] = await bot.get_updates(offset=-1)

    assert last.message is not None
    assert last.message.text == "two"
    assert chat.pending_updates() == 1


async def test_a_long_poll_ends_with_the_first_message(chat: LocalChat, bot: telegram.Bot) -> None:
    async with asyncio.TaskGroup() as tasks:
        polling = tasks.create_task(bot.get_updates(timeout=30))
        tasks.create_task(chat.send_text(DAN, "hello"))

    assert len(polling.result()) == 1


async def test_only_allowed_kinds_are_kept(chat: LocalChat, bot: telegram.Bot) -> None:
    await bot.get_updates(allowed_updates=["callback_query"])

    await chat.send_text(ALICE, "hello")

    assert chat.pending_updates() == 0


async def test_a_second_poller_ends_the_first(chat: LocalChat, bot: telegram.Bot) -> None:
    first = asyncio.ensure_future(bot.get_updates(timeout=30))
    await chat.wait_for_call("getUpdates")
    async with telegram.Bot(chat.token, base_url=f"{chat.url}/bot") as other:
        second = asyncio.ensure_future(other.get_updates(timeout=30))

        with pytest.raises(Conflict, match="terminated by other getUpdates request; make sure that only one bot"):
            await first
        await chat.send_text(ALICE, "hello")
        assert len(await second) == 1


class Hook:
    """The bot's end of a webhook."""

    def __init__(self) -> None:
        self.received: asyncio.Queue[tuple[str | None, dict[str, Any]]] = asyncio.Queue()
        self.answers: list[int] = []  # statuses to give first; then 200
        self.url = ""

    async def handle(self, request: web.Request) -> web.Response:
        secret = request.headers.get("X-Telegram-Bot-Api-Secret-Token")
        await self.received.put((secret, await request.json()))
        return web.Response(status=self.answers.pop(0) if self.answers else 200)

    async def texts(self, count: int) -> list[str]:
        got = [await asyncio.wait_for(self.received.get(), 10) for _ in range(count)]
        return [update["message"]["text"] for _, update in got]


@asynccontextmanager
async def hook_running() -> AsyncIterator[Hook]:
    hook = Hook()
    app = web.Application()
    app.router.add_post("/hook", hook.handle)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    hook.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    try:
        yield hook
    finally:
        await runner.cleanup()


async def test_the_webhook_gets_waiting_and_new_updates_with_its_secret(chat: LocalChat, bot: telegram.Bot) -> None:
    await chat.send_text(ALICE, "before")
    async with hook_running() as hook:
        await bot.set_webhook(hook.url, secret_token="s3cret-_")
        secret, update = await asyncio.wait_for(hook.received.get(), 10)
        await chat.send_text(ALICE, "after")

        assert (secret, update["message"]["text"]) == ("s3cret-_", "before")
        assert await hook.texts(1) == ["after"]
        assert (await bot.get_webhook_info()).url == hook.url


async def test_a_refused_update_is_sent_again_in_order(chat: LocalChat, bot: telegram.Bot) -> None:
    async with hook_running() as hook:
        hook.answers = [500, 503]
        await bot.set_webhook(hook.url)
        await chat.send_text(ALICE, "one")
        await chat.send_text(ALICE, "two")

        assert await hook.texts(4) == ["one", "one", "one", "two"]
        assert (
            await bot.get_webhook_info()
        ).last_error_message == "Wrong response from the webhook: 503 Service Unavailable"


async def test_a_webhook_nobody_listens_to_is_tried_until_another_is_set(chat: LocalChat, bot: telegram.Bot) -> None:
    await bot.set_webhook("http://127.0.0.1:9/nothing")
    await chat.send_text(ALICE, "one")
    async with hook_running() as hook:
        while not (info := await bot.get_webhook_info()).last_error_message:  # noqa: ASYNC110 (no other sign)
            await asyncio.sleep(0.01)
        await bot.set_webhook(hook.url)

        assert info.last_error_message == "Connection refused"
        assert info.pending_update_count == 1
        assert await hook.texts(1) == ["one"]


async def test_updates_come_twice_by_webhook_too_when_told(chat: LocalChat, bot: telegram.Bot) -> None:
    chat.faults.add(FaultKind.DUPLICATE, times=1)
    async with hook_running() as hook:
        await bot.set_webhook(hook.url)
        await chat.send_text(ALICE, "one")
        await chat.send_text(ALICE, "two")

        assert await hook.texts(3) == ["one", "one", "two"]


async def test_polling_is_refused_while_a_webhook_is_set(chat: LocalChat, bot: telegram.Bot) -> None:
    await chat.send_text(ALICE, "old")
    await bot.set_webhook("http://127.0.0.1:9/nothing", drop_pending_updates=True)

    with pytest.raises(Conflict, match="can't use getUpdates method while webhook is active; use deleteWebhook"):
        await bot.get_updates()
    with pytest.raises(BadRequest, match="(?i)bad webhook: invalid webhook url specified"):
        await bot.set_webhook("ftp://x")
    await bot.delete_webhook()

    assert await bot.get_updates() == ()
