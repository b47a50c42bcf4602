"""How many photos one person and one group may send in any sixty seconds, and an honest word when there are more.

Counted by the time at which Telegram got them, so that nobody is refused because we were away and everything comes at
once. Kept in memory; after a restart, or for people not heard of for long, the jobs in the database say what was taken.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from cachetools import LRUCache

from core.clock import Clock, utc_now
from db.database import Database
from inference.queue.protocol import Failure

WINDOW_S = 60.0
KEPT = 10_000  # people and groups in memory; who is dropped is read again
NO_LIMIT = 0


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing was taken. In `wait_s` seconds there is room again; `limit`: photos a minute."""

    whose: str  # "user" or "chat"
    id: int
    limit: int
    wait_s: float


class FairUse:
    """Sliding windows by person and by group. Belongs to one event loop."""

    def __init__(self, database: Database, per_user: int, per_chat: int, clock: Clock = utc_now) -> None:
        """`per_user`, `per_chat`: photos a minute; 0 = as many as they like."""
        self._database = database
        self._clock = clock
        self._limits = {"user": per_user, "chat": per_chat}
        self._taken: LRUCache[tuple[str, int], deque[tuple[float, int]]] = LRUCache(KEPT)
        self._told: LRUCache[tuple[str, int], float] = LRUCache(KEPT)

    async def admit(
        self, update_id: int, sent_at: datetime, *, user_id: int | None, chat_id: int | None
    ) -> Wait | None:
        """Count a photo; or say how long to wait. The same update twice is one photo.

        Args:
            update_id: that brings it.
            sent_at: when Telegram got it.
            user_id: None where many share one, as anonymous admins do.
            chat_id: of a group; None in private, where the person's limit is enough.
        """
        sent = sent_at.timestamp()
        windows = []
        for whose, one in (("user", user_id), ("chat", chat_id)):
            if one is not None and self._limits[whose] != NO_LIMIT:
                windows.append((whose, one, await self._window(whose, one)))
        for whose, one, taken in windows:
            if (wait_s := self._wait_s(taken, self._limits[whose], sent, update_id)) is not None:
                return Wait(whose, one, self._limits[whose], wait_s)
        for _, _, taken in windows:
            if all(update != update_id for _, update in taken):
                taken.append((sent, update_id))
        return None

    def forget(self) -> None:
        """Others have counted meanwhile: ask the database again."""
        self._taken.clear()

    def to_be_told(self, whose: str, one: int) -> bool:
        """Whether nobody has been told of this wait."""
        return self._told.get((whose, one), 0.0) <= self._clock().timestamp()

    def left_s(self, whose: str, one: int) -> float:
        """For how much longer there is no other word."""
        return max(0.0, self._told.get((whose, one), 0.0) - self._clock().timestamp())

    def told(self, whose: str, one: int, wait_s: float) -> None:
        """They know now: for so long there is no other word."""
        self._told[whose, one] = self._clock().timestamp() + wait_s

    def _wait_s(self, taken: deque[tuple[float, int]], limit: int, sent: float, update_id: int) -> float | None:
        if len(taken) < limit or any(update == update_id for _, update in taken):
            return None
        free_at = taken[-limit][0] + WINDOW_S
        return max(1.0, free_at - self._clock().timestamp()) if free_at > sent else None

    async def _window(self, whose: str, one: int) -> deque[tuple[float, int]]:
        if (taken := self._taken.get((whose, one))) is not None:
            return taken
        recent = sorted((time.timestamp(), 0) for time in await self._last(whose, one))
        return self._taken.setdefault((whose, one), deque(recent, maxlen=2 * self._limits[whose]))

    async def _last(self, whose: str, one: int) -> Sequence[datetime]:
        async with self._database.unit(read_only=True) as unit:
            last = unit.jobs.last_of_user if whose == "user" else unit.jobs.last_of_chat
            return await last(one, self._limits[whose], without=Failure.TOO_MANY)
