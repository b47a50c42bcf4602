"""Albums that are still coming: Telegram sends their photos one by one and says nothing of the last.

An album is due when none of its photos is in hand, none has come for a short while, and one at least has its result.
What is here is only when to look; what there is to say, the database knows, so a restart in the middle loses nothing.
"""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from time import monotonic

from bot.timing import Timing
from db.chat.chat_records import JobRecord
from db.partitions import Partitions, partition_of

CLIP_ALBUM = "clip:"  # the frames of a video are an album of ours, complete from the start

log = logging.getLogger(__name__)
Key = tuple[int, str]  # chat, media_group_id


@dataclass(slots=True)
class _Open:
    in_hand: dict[int, float] = field(default_factory=dict)  # update id → since when
    heard_at: float = 0.0  # the last photo
    job: JobRecord | None = None  # one that has its result, to name the album by
    timer: asyncio.TimerHandle | None = None


class Albums:
    """Calls `due` with one of its jobs when an album shall be answered. Too early a call costs a look, nothing else."""

    def __init__(self, due: Callable[[JobRecord], None], timing: Timing) -> None:
        self._due = due
        self._timing = timing
        self._open: dict[Key, _Open] = {}
        self._began = monotonic()

    @property
    def waiting(self) -> int:
        """Albums with a result that waits for the others."""
        return sum(album.job is not None for album in self._open.values())

    def expect(self, chat_id: int, album: str, update_id: int) -> None:
        """A photo of this album is on its way to its handler."""
        self._album((chat_id, album)).in_hand[update_id] = monotonic()

    def handled(self, chat_id: int, album: str, update_id: int) -> None:
        """Its handler is done with it, whatever came of it."""
        key = chat_id, album
        one = self._album(key)
        one.in_hand.pop(update_id, None)
        one.heard_at = monotonic()
        self._set(key, one)

    def settled(self, job: JobRecord) -> None:
        """A photo of an album has its result."""
        if job.media_group_id is None:
            return
        key = job.chat_id, job.media_group_id
        one = self._album(key)
        one.job = job
        if not job.media_group_id.startswith(CLIP_ALBUM):
            age_s = (datetime.now(UTC) - job.created_at).total_seconds()
            one.heard_at = max(one.heard_at, monotonic() - max(0.0, age_s), self._began)
        self._set(key, one)

    def begin(self) -> None:
        """Chats became ours just now: more of their albums may be on its way to us, however old their photos are."""
        self._began = monotonic()

    def lose(self, partitions: Partitions) -> None:
        """Look no more there: another bot does."""
        for key in [key for key in self._open if partition_of(key[0]) in partitions]:
            timer = self._open.pop(key).timer
            if timer is not None:
                timer.cancel()

    def close(self) -> None:
        """Look no more; what waits is taken up at the next start."""
        for one in self._open.values():
            if one.timer is not None:
                one.timer.cancel()
        self._open.clear()

    def _album(self, key: Key) -> _Open:
        return self._open.setdefault(key, _Open())

    def _set(self, key: Key, one: _Open) -> None:
        if one.timer is not None:
            one.timer.cancel()
        one.timer = asyncio.get_running_loop().call_later(self._left_s(one), self._look, key)

    def _left_s(self, one: _Open) -> float:
        """Seconds until this album is due, as far as is known now."""
        now = monotonic()
        quiet_s = one.heard_at + self._timing.album_quiet_s - now
        if one.in_hand:  # one that is in trouble is not waited for much longer: it is added to the answer
            return max(quiet_s, min(one.in_hand.values()) + self._timing.album_patience_s - now)
        return max(0.0, quiet_s)

    def _look(self, key: Key) -> None:
        one = self._open.get(key)
        if one is None:
            return
        one.timer = None
        if self._left_s(one) > 0:
            self._set(key, one)
            return
        if not one.in_hand or one.job is not None:
            del self._open[key]
        if one.job is not None:
            self._due(one.job)
