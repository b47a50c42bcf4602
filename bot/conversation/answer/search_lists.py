"""Where the results of each search stand: one list a search, taken away when it is over.

Kept in memory only. After a restart the worst is that a list stays.
"""

from typing import Final

from cachetools import LRUCache

from bot.telegram.sender import Sender
from bot.telegram.update import ChatUpdate

KEPT: Final = 10_000
Search = tuple[int | None, int | None]  # for which answer, or which claim, somebody types a name; neither: for nothing


class SearchLists:
    """The newest list of each search: one is for an answer, or a moderator's for a claim."""

    def __init__(self) -> None:
        self._places: LRUCache[Search, tuple[int, int]] = LRUCache(KEPT)

    async def replace(self, update: ChatUpdate, message_id: int, sender: Sender) -> None:
        """Another name was typed: these are the results now."""
        await self.end(update, sender)
        self._places[update.awaiting_search_for, update.reviewing] = update.chat_id, message_id

    async def end(
        self,
        update: ChatUpdate,
        sender: Sender,
        *,
        prediction_id: int | None = None,
        stays: tuple[int, int] | None = None,
    ) -> None:
        """What this person searched is over, and what was searched for that answer.

        ``stays``: a message that is needed for something else by now.
        """
        for search in ((update.awaiting_search_for, update.reviewing), (prediction_id, None)):
            place = self._places.pop(search, None)
            if place is not None and place != stays:
                await sender.tidy(*place)
