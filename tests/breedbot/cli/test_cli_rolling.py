"""A bot is replaced by the next one while photos come, as in an upgrade: processes, PostgreSQL, NATS, a worker."""

import asyncio
import signal
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from cli_types import PATIENCE_S, Start
from postgres_server import EMPTY, PostgresServer
from stage import photo
from test_cli_run import line_with

from sandbox import ALICE, ChatMessage, LocalChat

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


@pytest.fixture
def settings(postgres: PostgresServer, nats_url: str, monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    """Of every process."""
    monkeypatch.setenv("BREEDBOT_DATABASE_URL", postgres.url(postgres.new_database(EMPTY)))
    monkeypatch.setenv("BREEDBOT_QUEUE_URL", nats_url)
    monkeypatch.setenv("BREEDBOT_PHOTOS_PER_USER_MINUTE", "0")


IN_HAND = 3  # photos that wait at a time: as many as a slow machine answers


def replies(chat: LocalChat) -> list[int]:
    """Which messages the bot replied to, each time that it did."""
    return [one.reply_to_id for one in chat.messages(ALICE) if one.from_bot and one.reply_to_id is not None]


@asynccontextmanager
async def sending(chat: LocalChat) -> AsyncIterator[list[ChatMessage]]:
    """Photo after photo, each another one, some of them unanswered all the time, until the block is left."""
    sent: list[ChatMessage] = []

    async def send() -> None:
        while True:
            while len(sent) - len(set(replies(chat))) >= IN_HAND:  # noqa: ASYNC110 - as a person would look
                await asyncio.sleep(0.1)
            sent.append(await chat.send_photo(ALICE, photo(len(sent))))

    async with asyncio.TaskGroup() as group:
        task = group.create_task(send())
        yield sent
        task.cancel()


async def ended(bot: "subprocess.Popen[str]") -> str:
    """Stop it as a service manager does; what it said."""
    bot.send_signal(signal.SIGTERM)
    _, said = await asyncio.to_thread(bot.communicate, timeout=PATIENCE_S)
    return said


@pytest.mark.usefixtures("settings")
async def test_bots_are_replaced_one_after_the_other_and_every_photo_is_answered_once(
    start: Start, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    async with LocalChat.running(tmp_path / "chat") as chat:
        monkeypatch.setenv("BREEDBOT_TELEGRAM_API", chat.url)
        monkeypatch.setenv("BREEDBOT_TELEGRAM_TOKEN", chat.token)
        worker, old, other = start("worker"), start("bot"), start("bot")
        for process, word in ((worker, "looks at photos"), (old, "ready"), (other, "ready")):
            await asyncio.to_thread(line_with, process, word)
        async with sending(chat) as sent:
            said, codes = [], []
            for gone in (old, other):
                await answered(chat, sent, len(sent) + IN_HAND)
                said.append(await ended(gone))
                codes.append(gone.returncode)
                await asyncio.to_thread(line_with, start("bot"), "ready")
            await answered(chat, sent, len(sent) + IN_HAND)
        await answered(chat, sent, len(sent))
        told = replies(chat)

    assert codes == [0, 0]
    assert not any("Traceback" in one for one in said)
    assert sorted(told) == sorted(one.message_id for one in sent)


async def answered(chat: LocalChat, sent: list[ChatMessage], count: int) -> None:
    """Wait until so many photos were sent and have their answers."""
    async with asyncio.timeout(PATIENCE_S):
        while len(sent) < count or not {one.message_id for one in sent[:count]} <= set(replies(chat)):  # noqa: ASYNC110
            await asyncio.sleep(0.1)
