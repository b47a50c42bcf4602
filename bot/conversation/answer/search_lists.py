"""Where the results of each search stand: one list a search, taken away when it is over.

Kept in memory only. After a restart the worst is that a list stays.
"""

from typing import Final

from cachetools import LRUCache

from bot.telegram.sender import Sender

KEPT: Final = 10_000


class SearchLists:
    """The newest list of each search."""

    def __init__(self) -> None:
        self._places: LRUCache[int, tuple[int, int]] = LRUCache(KEPT)

    async def replace(self, prediction_id: int, chat_id: int, message_id: int, sender: Sender) -> None:
        """Another name was typed: these are the results now."""
        await self.end(prediction_id, sender)
        self._places[prediction_id] = chat_id, message_id

    async def end(self, prediction_id: int | None, sender: Sender, *, stays: tuple[int, int] | None = None) -> None:
        """The search is over. ``stays``: a message that is needed for something else by now."""
        place = self._places.pop(prediction_id, None) if prediction_id is not None else None
        if place is not None and place != stays:
            await sender.tidy(*place)
