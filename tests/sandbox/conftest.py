"""A running local chat and a real python-telegram-bot Bot talking to it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio
import telegram
from telegram.request import HTTPXRequest

from sandbox import Limits, LocalChat

QUICK = Limits(webhook_first_retry_s=0.01, webhook_last_retry_s=0.05)


@pytest_asyncio.fixture
async def chat(tmp_path: Path) -> AsyncIterator[LocalChat]:
    async with LocalChat.running(tmp_path / "chat", limits=QUICK) as chat:
        yield chat


@pytest_asyncio.fixture
async def bot(chat: LocalChat) -> AsyncIterator[telegram.Bot]:
    async with bot_for(chat) as bot:
        yield bot


def bot_for(chat: LocalChat) -> telegram.Bot:
    request = HTTPXRequest(connection_pool_size=8, read_timeout=60)
    return telegram.Bot(chat.token, base_url=f"{chat.url}/bot", base_file_url=f"{chat.url}/file/bot", request=request)
