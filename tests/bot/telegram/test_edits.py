"""Of several edits of one message that wait only the newest is sent, and each caller knows what became of its own."""

import asyncio
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, cast

import pytest
from stage import TIMING, Stage, leading
from telegram.error import BadRequest

from bot.metrics import Metrics
from bot.telegram.client import TelegramBot
from bot.telegram.edits import Edits, Key
from bot.telegram.message import View
from bot.telegram.sender import Sender
from sandbox import ALICE

KEY: Key = (1, 2, "text")


class Wire:
    """Sends when it is let."""

    def __init__(self) -> None:
        self.open = asyncio.Event()
        self.sent: list[Any] = []
        self.error: Exception | None = None

    async def send(self, newest: Callable[[], Any]) -> None:
        await self.open.wait()
        self.sent.append(newest())
        if self.error is not None:
            error, self.error = self.error, None
            raise error


async def show_all(edits: Edits, wire: Wire, *contents: str, key: Key = KEY) -> list[asyncio.Task[None]]:
    group = [asyncio.ensure_future(edits.show(key, content, wire.send)) for content in contents]
    await asyncio.sleep(0)
    return group


async def test_only_the_newest_of_those_that_wait_is_sent() -> None:
    replaced: list[int] = []
    edits, wire = Edits(lambda: replaced.append(1)), Wire()
    group = await show_all(edits, wire, "a", "b", "c")
    wire.open.set()
    await asyncio.gather(*group)

    assert wire.sent == ["c"]
    assert len(replaced) == 2
    assert not edits._messages


async def test_what_comes_while_one_is_on_its_way_follows_it() -> None:
    edits, under_way, sent = Edits(lambda: None), asyncio.Event(), []

    async def send(newest: Callable[[], Any]) -> None:
        sent.append(newest())
        under_way.set()
        await asyncio.sleep(0.01)

    first = asyncio.ensure_future(edits.show(KEY, "a", send))
    await under_way.wait()
    await asyncio.gather(first, edits.show(KEY, "b", send), edits.show(KEY, "c", send))

    assert sent == ["a", "c"]


async def test_when_it_fails_the_newer_one_is_tried_by_its_own_caller() -> None:
    edits, wire = Edits(lambda: None), Wire()
    wire.error = TimeoutError()
    first, second = await show_all(edits, wire, "a", "b")
    wire.open.set()

    with pytest.raises(TimeoutError):
        await first
    await second
    assert wire.sent == ["b", "b"]


async def test_who_is_cancelled_takes_nobody_along() -> None:
    edits, wire = Edits(lambda: None), Wire()
    first, second = await show_all(edits, wire, "a", "b")
    first.cancel()
    wire.open.set()
    await second

    assert wire.sent == ["b"]
    assert not edits._messages


async def test_other_messages_are_edited_meanwhile() -> None:
    edits, stuck, free = Edits(lambda: None), Wire(), Wire()
    (waits,) = await show_all(edits, stuck, "a")
    free.open.set()
    await edits.show((1, 3, "text"), "b", free.send)
    waits.cancel()

    assert free.sent == ["b"]


@pytest.mark.slow
async def test_a_paused_chat_sees_only_the_last_view_and_it_counts_as_one_message(stage: Stage) -> None:
    chat = stage.chat
    async with stage.bot() as app:
        out = app.parts.sender
        await stage.called("getMe")  # by now it can send
        message_id = await out.send(ALICE.id, View("first"))
        before = chat.faults.calls["editMessageText"]
        out._limits.pause(ALICE.id, 1.0)
        await asyncio.gather(*(out.edit(ALICE.id, message_id, View(f"view {number}")) for number in range(10)))

        assert chat.faults.calls["editMessageText"] - before == 1
        assert [one.text for one in chat.messages(ALICE)][-1] == "view 9"


async def test_plain_text_of_the_newest_is_sent_where_its_html_is_refused() -> None:
    asked: list[tuple[str, str | None]] = []

    async def edit_message_text(text: str, *_: Any, parse_mode: str | None = None, **__: Any) -> None:
        asked.append((text, parse_mode))
        if parse_mode is not None:
            raise BadRequest("Can't parse entities: oh no")

    bot = cast("TelegramBot", SimpleNamespace(edit_message_text=edit_message_text))
    await Sender(bot, leading(), TIMING, Metrics()).edit(1, 2, View("<b>x</b>"))

    assert asked == [("<b>x</b>", "HTML"), ("x", None)]
