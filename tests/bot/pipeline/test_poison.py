"""A photo that kills the process three times is failed politely; everybody else's photos are answered."""

import asyncio
import sys
from io import BytesIO

import pytest
from checkout import ROOT
from PIL import Image
from stage import Stage, photo, shown

from sandbox import ALICE

PROGRAM = ROOT / "tests" / "bot" / "poison_process.py"


def bright() -> bytes:
    file = BytesIO()
    Image.new("RGB", (640, 480), (255, 255, 255)).save(file, "JPEG")
    return file.getvalue()


@pytest.mark.slow
async def test_a_photo_that_kills_the_process_three_times_is_failed_and_the_others_are_answered(stage: Stage) -> None:
    chat = stage.chat
    bob = chat.add_person("Bob")
    innocent = [await chat.send_photo(bob, photo(shade)) for shade in range(3)]
    poison = await chat.send_photo(ALICE, bright())
    innocent += [await chat.send_photo(bob, photo(shade)) for shade in range(3, 6)]
    for _ in range(3):
        bot = await asyncio.create_subprocess_exec(sys.executable, PROGRAM, stage.folder, chat.url, chat.token)
        async with asyncio.timeout(60):
            await bot.wait()
    bot = await asyncio.create_subprocess_exec(sys.executable, PROGRAM, stage.folder, chat.url, chat.token)
    try:
        answers = await stage.replies(innocent, timeout_s=60)
        (sorry,) = await stage.replies([poison], timeout_s=60)
        (again,) = await stage.replies([await chat.send_photo(bob, bright())], timeout_s=60)
        alive = bot.returncode is None
    finally:
        if bot.returncode is None:
            bot.kill()
        await bot.wait()

    assert all("Beagle" in one.text for one in answers)
    assert " ".join(sorry.text.split()) == " ".join(again.text.split()) == shown("en", "failure-poison")
    assert alive
