"""A file that Telegram does not give, or hardly, is asked for anew; whoever waits for it hears so, once."""

import asyncio
from types import SimpleNamespace
from typing import cast

import pytest
from stage import TIMING, Stage, photo, shown

from bot.conversation.photo.photo_file import LARGE_FILES, SMALL_BYTES
from bot.errors import Later
from bot.metrics import Metrics
from bot.telegram.client import FileGone, TelegramBot
from bot.telegram.downloads import Downloads
from core.retry import Backoff
from sandbox import ALICE, DOWNLOAD, ChatMessage


def from_bot(stage: Stage) -> list[ChatMessage]:
    return [one for one in stage.chat.messages(ALICE) if one.from_bot]


class MovingFile:
    """Each getFile gives another place; only the last has the file."""

    def __init__(self, *places: bytes | None) -> None:
        self.places = list(places)
        self.asked = 0

    async def file_path(self, _file_id: str) -> str:
        self.asked += 1
        return str(self.asked)

    async def download(self, path: str) -> bytes:
        if (data := self.places[int(path) - 1]) is None:
            raise FileGone("the file is not there any more")
        return data


def downloads(file: MovingFile) -> Downloads:
    return Downloads(cast("TelegramBot", file), TIMING, Metrics())


async def test_a_file_that_is_not_where_it_was_said_is_asked_for_anew() -> None:
    assert await downloads(MovingFile(None, b"dog")).get("id") == b"dog"


async def test_a_file_that_is_nowhere_is_not_given_up_at_once() -> None:
    file = MovingFile(None, None, None, b"dog")

    with pytest.raises(Later):
        await downloads(file).get("id")
    assert file.asked == TIMING.tries_at_once


async def test_bytes_of_another_size_than_was_named_are_asked_for_anew_and_taken_if_they_come_each_time() -> None:
    assert await downloads(MovingFile(b"<html>", b"dog")).get("id", 3) == b"dog"
    file = MovingFile(b"dogs", b"dogs", b"dogs", b"dog")
    assert await downloads(file).get("id", 3) == b"dogs"
    assert file.asked == TIMING.tries_at_once
    assert await downloads(MovingFile(b"<html>", b"dog")).get("id") == b"<html>"


async def test_a_proxys_page_in_the_place_of_a_photo_is_no_photo(stage: Stage) -> None:
    stage.chat.faults.add("odd", method=DOWNLOAD, times=stage.timing.tries_at_once - 1)

    async with stage.bot():
        await stage.replies([await stage.chat.send_photo(ALICE, photo())])
        await stage.settled()

    assert [one.has_button("✅") for one in from_bot(stage)] == [True]


@pytest.mark.parametrize("answer", [{}, {"file_path": ""}, {"file_path": 7}, {"file_size": "x"}, [], True])
async def test_an_answer_without_a_place_is_trouble_and_no_error_of_ours(answer: object) -> None:
    async def post(*_: object) -> object:
        return answer

    silent = cast("TelegramBot", SimpleNamespace(_post=post))

    with pytest.raises(Exception, match="say where|describes no file"):
        await TelegramBot.file_path(silent, "id")


@pytest.mark.parametrize(
    ("kind", "method"), [("unavailable", "getFile"), ("pathless", "getFile"), ("not_found", DOWNLOAD)]
)
async def test_a_file_that_comes_after_many_tries_is_answered_without_an_apology(
    stage: Stage, kind: str, method: str
) -> None:
    stage.chat.faults.add(kind, method=method, times=4 * stage.timing.tries_at_once + 1)

    async with stage.bot():
        await stage.replies([await stage.chat.send_photo(ALICE, photo())])
        await stage.settled()

    assert [one.has_button("✅") for one in from_bot(stage)] == [True]


async def test_a_file_that_never_comes_is_asked_for_again_from_its_sender(stage: Stage) -> None:
    stage.chat.faults.add("unavailable")

    async with stage.bot():
        sent = await stage.chat.send_photo(ALICE, photo())
        (word,) = await stage.replies([sent])
        await stage.settled()

    assert word.text == shown("en", "failure-missing")
    assert stage.chat.faults.calls["getFile"] > 10 * stage.timing.tries_at_once


@pytest.mark.slow
async def test_whoever_waits_for_one_byte_a_second_hears_so_once_and_is_answered(stage: Stage) -> None:
    stage.hurry(slow_file_s=0.3)
    stage.chat.faults.add("trickle")

    async with stage.bot():
        sent = await stage.chat.send_photo(ALICE, photo())
        (word,) = await stage.replies([sent])
        stage.chat.faults.clear()
        stage.chat.faults.add("drop_after", method=DOWNLOAD, times=5)
        await stage.called(DOWNLOAD, 2)
        await stage.chat.wait_for(lambda one: one.has_button("✅"), chat=ALICE)
        await stage.settled()

    assert word.text == shown("en", "photo-slow")
    assert len(from_bot(stage)) == 2


@pytest.mark.slow
async def test_whoever_waits_through_many_failures_hears_so_too(stage: Stage) -> None:
    stage.hurry(slow_file_s=3.0, in_trouble=Backoff(1.0, 1.0))
    stage.chat.faults.add("unavailable")

    async with stage.bot():
        sent = await stage.chat.send_photo(ALICE, photo())
        async with asyncio.timeout(20):
            (word,) = await stage.replies([sent])

    assert word.text == shown("en", "photo-slow")


@pytest.mark.slow
async def test_whoever_waits_behind_other_peoples_large_files_hears_so_too(stage: Stage) -> None:
    stage.hurry(slow_file_s=0.5)
    stage.chat.faults.add("trickle")
    people = [stage.chat.add_person(f"Person {number}") for number in range(2 * LARGE_FILES)]

    async with stage.bot():
        sent = [await stage.chat.send_document(one, photo() + bytes(2 * SMALL_BYTES)) for one in people]
        words = await stage.replies(sent, timeout_s=20)

    assert {word.text for word in words} == {shown("en", "photo-slow")}
