"""Where the results of each search stand: one list a search, taken away when it is over.

Kept in memory only. After a restart the worst is that a list stays.
"""

from collections.abc import Hashable
from typing import Final

from cachetools import LRUCache

from bot.telegram.sender import Sender
from bot.telegram.update import ChatUpdate

KEPT: Final = 10_000


class SearchLists:
    """The newest list of each search: one is for an answer, or a moderator's for a claim."""

    def __init__(self) -> None:
        self._places: LRUCache[Hashable, tuple[int, int]] = LRUCache(KEPT)

    async def replace(self, update: ChatUpdate, message_id: int, sender: Sender) -> None:
        """Another name was typed: these are the results now."""
        await self.end(update, sender)
        self._places[_search(update)] = update.chat_id, message_id

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
        for search in dict.fromkeys((_search(update), prediction_id)):
            place = self._places.pop(search, None)
            if place is not None and place != stays:
                await sender.tidy(*place)


def _search(update: ChatUpdate) -> Hashable:
    """What somebody is typing a name for; None: for nothing."""
    return update.awaiting_search_for if update.reviewing is None else ("claim", update.reviewing)
