"""kill -9 at any moment: after a restart every photo is answered."""

import asyncio
import sys
from pathlib import Path

import pytest
from stage import Stage, photo

PROGRAM = Path(__file__).with_name("bot_process.py")
PHOTOS = 40


@pytest.mark.slow
async def test_killed_again_and_again_it_answers_every_photo(stage: Stage) -> None:
    chat = stage.chat
    people = [chat.add_person(f"Person {number}") for number in range(8)]
    sent = [await chat.send_photo(people[number % 8], photo(number)) for number in range(PHOTOS)]
    told = 0
    for life in range(4):
        bot = await asyncio.create_subprocess_exec(sys.executable, PROGRAM, stage.folder, chat.url, chat.token)
        # Each life is cut while it is at work: at its first call for a file, the next ones later.
        await stage.called("getFile", chat.faults.calls["getFile"] + 1 + life * 5, timeout_s=30)
        bot.kill()
        await bot.wait()
        told = max(told, sum(one.from_bot for person in people for one in chat.messages(person)))

    assert told < PHOTOS
    async with stage.bot():
        await stage.replies(sent, timeout_s=30)
        await stage.settled()
        async with stage.database.unit() as unit:
            assert await unit.predictions.count() == PHOTOS
