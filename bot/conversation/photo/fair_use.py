"""How many photos one person and one group may send in any sixty seconds, and in which order more of them wait.

Counted by the time at which Telegram got them, so that nobody waits because we were away and everything comes at
once. Kept in memory; after a restart, or for people not heard of for long, the jobs in the database say what was taken,
and its inbox what waits.
"""

from collections import deque
from dataclasses import dataclass, replace
from datetime import datetime

from cachetools import LRUCache

from core.clock import Clock, utc_now
from db.database import Database
from inference.queue.protocol import Failure

WINDOW_S = 60.0
KEPT = 10_000  # people and groups in memory; who is dropped is read again
WAITING_LIMIT = 100  # photos of one person in one chat that are answered later
NO_LIMIT = 0


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing was taken. In `wait_s` seconds there is room again; `limit`: photos a minute.

    `left_out`: it cannot wait, either, as too many do.
    """

    whose: str  # "user" or "chat"
    id: int
    limit: int
    wait_s: float
    left_out: bool = False


class FairUse:
    """Sliding windows by person and by group. Belongs to one event loop."""

    def __init__(self, database: Database, per_user: int, per_chat: int, clock: Clock = utc_now) -> None:
        """`per_user`, `per_chat`: photos a minute; 0 = as many as they like."""
        self._database = database
        self._clock = clock
        self._limits = {"user": per_user, "chat": per_chat}
        self._taken: LRUCache[tuple[str, int], deque[tuple[float, int]]] = LRUCache(KEPT)
        self._waiting: LRUCache[str, dict[int, None]] = LRUCache(KEPT)  # updates by queue, in order
        self._told: LRUCache[tuple[str, int], float] = LRUCache(KEPT)

    async def admit(
        self, update_id: int, sent_at: datetime, *, user_id: int | None, chat_id: int | None, queue: str | None = None
    ) -> Wait | None:
        """Count a photo; or say how long to wait. The same update twice is one photo.

        Args:
            update_id: that brings it.
            sent_at: when Telegram got it.
            user_id: None where many share one, as anonymous admins do.
            chat_id: of a group; None in private, where the person's limit is enough.
            queue: where it may wait, behind what waits there already; None: it may not.
        """
        limits = self._limits
        windows = [
            (whose, one, await self._window(whose, one))
            for whose, one in (("user", user_id), ("chat", chat_id))
            if one is not None and limits[whose] != NO_LIMIT
        ]
        if not windows or all(any(update == update_id for _, update in taken) for _, _, taken in windows):
            return None
        waiting = await self._waiting_in(queue) if queue is not None else {}
        sent, now = sent_at.timestamp(), self._clock().timestamp()
        frees = [
            (taken[-limits[whose]][0] + WINDOW_S if len(taken) >= limits[whose] else 0.0, whose, one)
            for whose, one, taken in windows
        ]
        free_at, whose, one = next((free for free in frees if free[0] > max(sent, now)), max(frees))
        if free_at > max(sent, now) or (waiting and update_id not in waiting):
            wait = Wait(whose, one, limits[whose], max(1.0, free_at - now))
            if update_id not in waiting and len(waiting) >= WAITING_LIMIT:
                return replace(wait, left_out=True)
            waiting[update_id] = None
            return wait
        while update_id in waiting:  # it is through, and so is what was before it: they go in order
            del waiting[next(iter(waiting))]
        for _, _, taken in windows:
            taken.append((max(sent, free_at), update_id))
        return None

    def forget(self) -> None:
        """Others have counted meanwhile: ask the database again."""
        self._taken.clear()
        self._waiting.clear()

    def to_be_told(self, whose: str, one: int) -> bool:
        """Whether nobody has been told of this wait."""
        return self._told.get((whose, one), 0.0) <= self._clock().timestamp()

    def left_s(self, whose: str, one: int) -> float:
        """For how much longer there is no other word."""
        return max(0.0, self._told.get((whose, one), 0.0) - self._clock().timestamp())

    def told(self, whose: str, one: int, wait_s: float) -> None:
        """They know now: for so long there is no other word."""
        self._told[whose, one] = self._clock().timestamp() + wait_s

    async def _waiting_in(self, queue: str) -> dict[int, None]:
        if (waiting := self._waiting.get(queue)) is not None:
            return waiting
        async with self._database.unit(read_only=True) as unit:
            stored = dict.fromkeys(await unit.inbox.waiting(queue))
        return self._waiting.setdefault(queue, stored)

    async def _window(self, whose: str, one: int) -> deque[tuple[float, int]]:
        if (taken := self._taken.get((whose, one))) is not None:
            return taken
        async with self._database.unit(read_only=True) as unit:
            last = unit.jobs.last_of_user if whose == "user" else unit.jobs.last_of_chat
            recent = await last(one, self._limits[whose], without=Failure.TOO_MANY)
        counted = sorted((time.timestamp(), 0) for time in recent)
        return self._taken.setdefault((whose, one), deque(counted, maxlen=2 * self._limits[whose]))
