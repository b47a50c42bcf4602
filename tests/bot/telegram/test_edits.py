"""Edits of one message are made one after the other, and those of others meanwhile."""

import asyncio
import gc
from types import SimpleNamespace
from typing import Any, cast

from stage import TIMING, leading
from telegram.error import BadRequest

from bot.metrics import Metrics
from bot.telegram.client import TelegramBot
from bot.telegram.message import View
from bot.telegram.sender import Sender


class Wire:
    """Takes edits, and is done with one when it is let."""

    def __init__(self) -> None:
        self.asked: list[tuple[int, str, str | None]] = []
        self.done: list[str] = []
        self.open = asyncio.Event()
        self.refuses_html = False
        bot = SimpleNamespace(edit_message_text=self._edit_message_text)
        self.sender = Sender(cast("TelegramBot", bot), leading(), TIMING, Metrics())

    async def _edit_message_text(self, text: str, message_id: int, parse_mode: str | None, **_: Any) -> None:
        self.asked.append((message_id, text, parse_mode))
        if self.refuses_html and parse_mode is not None:
            raise BadRequest("Can't parse entities: oh no")
        await self.open.wait()
        self.done.append(text)


async def test_edits_of_a_message_are_made_in_the_order_in_which_they_are_asked_for() -> None:
    wire = Wire()
    edits = [asyncio.ensure_future(wire.sender.edit(1, 2, View(text))) for text in ("a", "b", "c")]
    await asyncio.sleep(0.05)
    under_way = list(wire.asked)
    wire.open.set()
    await asyncio.gather(*edits)

    assert under_way == [(2, "a", "HTML")]
    assert wire.done == ["a", "b", "c"]
    assert not wire.sender._edits


async def test_another_message_is_edited_meanwhile() -> None:
    wire = Wire()
    edits = [asyncio.ensure_future(wire.sender.edit(1, message, View("a"))) for message in (2, 3)]
    await asyncio.sleep(0.05)
    under_way = list(wire.asked)
    wire.open.set()
    await asyncio.gather(*edits)

    assert under_way == [(2, "a", "HTML"), (3, "a", "HTML")]


async def test_who_is_cancelled_takes_nobody_along() -> None:
    wire = Wire()
    first, second = (asyncio.ensure_future(wire.sender.edit(1, 2, View(text))) for text in ("a", "b"))
    await asyncio.sleep(0.05)
    first.cancel()
    wire.open.set()
    await second
    del first, second
    gc.collect()

    assert wire.done == ["b"]
    assert not wire.sender._edits


async def test_of_two_alike_the_second_is_not_sent() -> None:
    wire = Wire()
    wire.open.set()
    await wire.sender.edit(1, 2, View("a"))
    await wire.sender.edit(1, 2, View("a"))

    assert wire.done == ["a"]


async def test_plain_text_is_sent_where_html_is_refused() -> None:
    wire = Wire()
    wire.open.set()
    wire.refuses_html = True
    await wire.sender.edit(1, 2, View("<b>x</b>"))

    assert wire.asked == [(2, "<b>x</b>", "HTML"), (2, "x", None)]
