"""Edits of one message, one after the other; of those that wait only the newest is sent, and it answers for all.

One that would change nothing is not sent at all: in a group each counts among the twenty messages of a minute.
"""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass, field
from typing import Any

from cachetools import LRUCache

KNOWN = 10_000  # messages of which it is known what they show

Key = tuple[int, int | str, str]  # chat, message (a text: see `Sender.edit`), what of it is edited


@dataclass(slots=True)
class _Message:
    """A message with edits under way. Each has a number: the newest so far, and the newest that is shown."""

    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    newest: int = 0
    shown: int = 0
    content: Any = None
    looks: Hashable = None
    callers: int = 0


class Edits:
    """Holds messages only while they are being edited, and of the last ones what they show.

    `coalesced` is called for each edit that is never sent.
    """

    def __init__(self, coalesced: Callable[[], None]) -> None:
        self._messages: dict[Key, _Message] = {}
        self._coalesced = coalesced
        self._known: LRUCache[tuple[int, int | str], int] = LRUCache(KNOWN)

    def know(self, chat_id: int, message_id: int | str, looks: Hashable) -> None:
        """That message of ours shows this."""
        self._known[chat_id, message_id] = hash(looks)

    def forget(self) -> None:
        """Others may have edited them meanwhile."""
        self._known.clear()

    async def show(
        self,
        key: Key,
        content: Any,
        send: Callable[[Callable[[], Any]], Awaitable[None]],
        looks: Hashable = None,
    ) -> None:
        """Return when this content, or a newer one, is shown.

        Args:
            key: the message.
            content: what it shall show.
            send: makes the call; it is given what tells the newest content, to be asked at the last moment. What it
                raises reaches its caller; a newer edit is then tried by its own.
            looks: what tells this content from another; None: it is sent in any case.
        """
        message = self._messages.setdefault(key, _Message())
        message.callers += 1
        message.newest += 1
        message.content, message.looks = content, looks
        mine = message.newest
        try:
            async with message.turn:
                if message.shown >= mine:
                    self._coalesced()
                elif message.looks is not None and self._known.get(key[:2]) == hash(message.looks):
                    message.shown = message.newest
                    self._coalesced()
                else:
                    await self._send(key, message, send)
        finally:
            message.callers -= 1
            if not message.callers:
                self._messages.pop(key, None)

    async def _send(self, key: Key, message: _Message, send: Callable[[Callable[[], Any]], Awaitable[None]]) -> None:
        sent, looks = 0, message.looks

        def newest() -> Any:
            nonlocal sent, looks
            sent, looks = message.newest, message.looks
            return message.content

        self._known.pop(key[:2], None)  # until it is known again
        await send(newest)
        message.shown = sent
        if looks is not None:
            self.know(key[0], key[1], looks)
