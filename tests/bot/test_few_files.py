"""A process that can open no more files pauses: nothing is lost, nobody gets an apology, and then all goes on."""

import asyncio
import resource
import sys
from pathlib import Path

import pytest
from stage import Stage, photo

from core.out_of_files import out_of_files
from sandbox import ALICE

PROGRAM = Path(__file__).with_name("bot_process.py")
PATIENCE_S = 300.0
WITHOUT_S = 5.0


@pytest.mark.slow
async def test_without_file_descriptors_photos_wait(stage: Stage) -> None:
    chat = stage.chat
    people = [chat.add_person(f"Person {number}") for number in range(8)]
    bot = await asyncio.create_subprocess_exec(sys.executable, PROGRAM, stage.folder, chat.url, chat.token)
    try:
        await chat.wait_for_reply(await chat.send_photo(ALICE, photo(0)), timeout_s=PATIENCE_S)
        before = resource.prlimit(bot.pid, resource.RLIMIT_NOFILE)
        resource.prlimit(bot.pid, resource.RLIMIT_NOFILE, (3, before[1]))  # what is open stays so
        sent = [await chat.send_photo(people[number % 8], photo(1 + number)) for number in range(24)]
        await asyncio.sleep(WITHOUT_S)

        assert bot.returncode is None
        resource.prlimit(bot.pid, resource.RLIMIT_NOFILE, before)
        for one in sent:
            await chat.wait_for_reply(one, lambda reply: reply.has_button("✅"), PATIENCE_S)
    finally:
        bot.kill()
        await bot.wait()


def test_an_error_that_hides_its_reason_is_found_out() -> None:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    hidden = ValueError("unable to open database file")
    assert not out_of_files(hidden)
    resource.setrlimit(resource.RLIMIT_NOFILE, (3, before[1]))
    try:
        said = out_of_files(hidden)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)

    assert said


def test_an_error_is_known_by_what_it_came_from() -> None:
    error = RuntimeError("no photo")
    error.__cause__ = OSError(24, "Too many open files")

    assert out_of_files(error)
