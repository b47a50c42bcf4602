"""Whatever was sent is there after a restart, even after kill -9."""

import asyncio
import sys
from pathlib import Path

import aiohttp
import pytest
import telegram
from localchat_photos import picture
from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from sandbox import ALICE, Limits, LocalChat


async def test_messages_updates_files_and_buttons_survive(tmp_path: Path) -> None:
    async with LocalChat.running(tmp_path) as chat, telegram.Bot(chat.token, base_url=f"{chat.url}/bot") as bot:
        token = chat.token
        await chat.send_photo(ALICE, picture(400, 300))
        button = InlineKeyboardButton("✅", callback_data="ok")
        await bot.send_message(ALICE.id, "Beagle", reply_markup=InlineKeyboardMarkup.from_button(button))
        asked = await chat.press(chat.messages(ALICE)[-1], "✅")
        zoe = chat.add_person("Zoé", "fr")

    async with LocalChat.running(tmp_path) as chat:
        file_root = f"{chat.url}/file/bot"
        async with telegram.Bot(chat.token, base_url=f"{chat.url}/bot", base_file_url=file_root) as bot:
            photo, press = await bot.get_updates()
            await chat.press(chat.messages(ALICE)[-1], "✅")
            await chat.send_text("zoe", "allo")

            assert chat.token == token
            assert photo.message is not None
            assert press.callback_query is not None
            assert press.callback_query.id == asked.query_id
            assert await press.callback_query.answer("old but fine")
            file = await photo.message.photo[-1].get_file()
            assert len(await file.download_as_bytearray()) == file.file_size
            later = await bot.get_updates(offset=press.update_id + 1)
            assert [update.update_id - press.update_id for update in later] == [1, 2]
            assert later[-1].effective_user is not None
            assert later[-1].effective_user.id == zoe.id


@pytest.mark.slow
async def test_kill_9_loses_nothing_that_was_accepted(tmp_path: Path) -> None:
    process, url, token = await started(tmp_path)
    try:
        async with aiohttp.ClientSession() as session:
            form = aiohttp.FormData({"user": "bruno", "text": "qui est-ce ?"})
            form.add_field("file", picture(900, 600), filename="chien.jpg")
            async with session.post(f"{url}/api/messages", data=form) as response:
                assert response.status == 200
    finally:
        process.kill()
        await process.wait()

    process, url, again = await started(tmp_path)
    try:
        file_root = f"{url}/file/bot"
        async with telegram.Bot(token, base_url=f"{url}/bot", base_file_url=file_root) as bot:
            [update] = await bot.get_updates()
            assert update.message is not None
            file = await update.message.photo[-1].get_file()
            assert again == token
            assert update.message.caption == "qui est-ce ?"
            assert len(await file.download_as_bytearray()) == file.file_size
    finally:
        process.kill()
        await process.wait()


async def started(state_dir: Path) -> tuple[asyncio.subprocess.Process, str, str]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "sandbox",
        "--port",
        "0",
        "--state-dir",
        str(state_dir),
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    url, token = (await asyncio.wait_for(process.stdout.readline(), 60)).decode().split()
    return process, url, token


async def test_old_messages_and_their_files_are_pruned(tmp_path: Path) -> None:
    async with LocalChat.running(tmp_path, limits=Limits(kept_messages=50)) as chat:
        first = await chat.send_document(ALICE, b"first", name="first.txt")
        path = chat.world.files.get(first.payload["document"]["file_id"])
        assert path is not None
        for number in range(120):
            await chat.send_text(ALICE, str(number))

        assert 50 <= len(chat.messages(ALICE)) < 150
        assert chat.messages(ALICE)[-1].text == "119"
        assert not chat.world.files.on_disk(path).exists()


async def test_a_taken_port_is_an_oserror(tmp_path: Path) -> None:
    async with LocalChat.running(tmp_path / "one") as chat:
        other = LocalChat()

        with pytest.raises(OSError, match="address already in use"):
            await other.start("127.0.0.1", int(chat.url.rpartition(":")[2]), tmp_path / "two")


async def test_a_fixed_token_is_used(tmp_path: Path) -> None:
    async with (
        LocalChat.running(tmp_path, token="42:fixed") as chat,
        telegram.Bot("42:fixed", base_url=f"{chat.url}/bot") as bot,
    ):
        assert bot.id == 42
