"""Edits of one message, one after the other; of those that wait only the newest is sent, and it answers for all."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

Key = tuple[int, int | str, str]  # chat, message (a text: see `Sender.edit`), what of it is edited


@dataclass(slots=True)
class _Message:
    """A message with edits under way. Each has a number: the newest so far, and the newest that is shown."""

    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    newest: int = 0
    shown: int = 0
    content: Any = None
    callers: int = 0


class Edits:
    """Holds messages only while they are being edited. `coalesced` is called for each edit that is never sent."""

    def __init__(self, coalesced: Callable[[], None]) -> None:
        self._messages: dict[Key, _Message] = {}
        self._coalesced = coalesced

    async def show(self, key: Key, content: Any, send: Callable[[Callable[[], Any]], Awaitable[None]]) -> None:
        """Return when this content, or a newer one, is shown.

        Args:
            key: the message.
            content: what it shall show.
            send: makes the call; it is given what tells the newest content, to be asked at the last moment. What it
                raises reaches its caller; a newer edit is then tried by its own.
        """
        message = self._messages.setdefault(key, _Message())
        message.callers += 1
        message.newest += 1
        message.content = content
        mine = sent = message.newest

        def newest() -> Any:
            nonlocal sent
            sent = message.newest
            return message.content

        try:
            async with message.turn:
                if message.shown >= mine:
                    self._coalesced()
                else:
                    await send(newest)
                    message.shown = sent
        finally:
            message.callers -= 1
            if not message.callers:
                self._messages.pop(key, None)
