"""The local chat as a part of a process: on the port and with the state that the settings name."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from bot.errors import PortInUse
from breedbot.ops.terminal import answer, tell
from breedbot.serve.data_lock import data_lock
from breedbot.serve.stop_signals import stop_signals
from sandbox import LocalChat

HOST = "127.0.0.1"
FOLDER = "localchat"


@asynccontextmanager
async def chat_server(port: int, data_dir: Path) -> AsyncIterator[LocalChat]:
    """The chat, listening while the block runs; port 0 = any free one.

    Raises:
        PortInUse: another program listens there.
        DataFolderInUse, DataFolderUnwritable: the state cannot be ours.
    """
    state = data_dir / FOLDER
    with data_lock(state):
        chat = LocalChat()
        try:
            await chat.start(HOST, port, state)
        except OSError as error:
            raise PortInUse(
                f"BREEDBOT_CHAT_PORT={port}: cannot listen on {HOST}:{port} ({error.strerror}); choose another port"
            ) from error
        try:
            yield chat
        finally:
            await chat.stop()


async def serve_chat(port: int, data_dir: Path) -> None:
    """The chat alone until Ctrl-C; says on stdout what a bot started elsewhere needs. Raises as `chat_server`."""
    stop = asyncio.Event()
    with stop_signals(stop, lambda: tell("stopping")):
        async with chat_server(port, data_dir) as chat:
            answer(f"BREEDBOT_TELEGRAM_API={chat.url}")
            answer(f"BREEDBOT_TELEGRAM_TOKEN={chat.token}")
            tell(f"the chat is at {chat.url}; start a bot with the two settings above  (Ctrl-C stops)")
            await stop.wait()
