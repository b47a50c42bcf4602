"""The durable inbox: raw updates, kept from the moment they arrive until they are dealt with."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any

from sqlalchemy import String, bindparam, cast, delete, func, null, select, tuple_, update

from db.repository import StageRows, StageTable, chunks, insert
from db.tables import ALBUM_PENDING, PENDING, inbox, jobs

_THIS = update(inbox).where(inbox.c.update_id == bindparam("this"), PENDING)
_ADD = insert(inbox).on_conflict_do_nothing().returning(inbox.c.update_id)
_FREE = update(jobs).where(jobs.c.update_id == bindparam("this")).values(update_id=None)
_BEGIN = _THIS.values(attempts=inbox.c.attempts + 1).returning(inbox.c.attempts)
ERASED = {"payload": null(), "chat_id": null(), "queue_key": null(), "media_group_id": null(), "next_try_at": null()}
_KEY = select(inbox.c.queue_key).where(inbox.c.update_id == bindparam("this"), PENDING)
_ASIDE = _THIS.values(queue_key=bindparam("key"))
_EARLIER = inbox.alias()
_BEHIND = _THIS.where(
    select(_EARLIER.c.update_id)
    .where(
        _EARLIER.c.queue_key == inbox.c.queue_key,
        _EARLIER.c.done_at.is_(None),
        tuple_(_EARLIER.c.received_at, _EARLIER.c.update_id) < tuple_(inbox.c.received_at, inbox.c.update_id),
    )
    .exists()
).values(next_try_at=null())
_WAITING = select(inbox.c.update_id).where(inbox.c.queue_key == bindparam("key"), PENDING)
_FINISH = _THIS.values(done_at=bindparam("now"), error=bindparam("why"), **ERASED)


@dataclass(frozen=True)
class IncomingUpdate:
    """A raw update as Telegram sent it.

    Attributes:
        chat_id: None where there is no chat (inline queries and the like).
        queue_key: of several with the same one the next is dealt with when the one before is; None: that of the chat.
        media_group_id: of the album that it is part of.
    """

    update_id: int
    chat_id: int | None
    payload: Mapping[str, Any]
    queue_key: str | None = None
    media_group_id: str | None = None

    @cached_property
    def digest(self) -> str:
        """What tells it from another one with the same id: 64 bits of a hash, in hexadecimal digits."""
        content = json.dumps(self.payload, sort_keys=True, default=str).encode()
        return hashlib.blake2b(content, digest_size=8).hexdigest()

    @property
    def other_id(self) -> int:
        """Its id where its own is another update's: always the same one, and negative, which Telegram's never are."""
        return -1 - (int(self.digest, 16) >> 1)


@dataclass(frozen=True, slots=True)
class InboxRecord:
    """A stored update. Once done, what people wrote and where is not kept: those fields are None.

    Attributes:
        attempts: how often handling it was begun, where that was noted: after an unclean stop.
        error: why the last try failed, or why it was given up.
        next_try_at: when it is due; None: asleep behind another of its `queue_key`, or done.
        tries: that failed.
        digest: see `IncomingUpdate`; None: an older version stored it.
    """

    update_id: int
    chat_id: int | None
    payload: dict[str, Any] | None
    received_at: datetime
    done_at: datetime | None
    attempts: int
    error: str | None
    queue_key: str | None = None
    media_group_id: str | None = None
    next_try_at: datetime | None = None
    tries: int = 0
    digest: str | None = None


class Inbox(StageRows[InboxRecord]):
    """Updates by `update_id`; the same one twice is one. In order of arrival within a `queue_key`.

    Telegram keeps updates for a day, and after a quiet week it begins anew at any id: another update with the id of one
    that is here is kept under its `other_id`.
    """

    stage = StageTable(inbox, inbox.c.update_id, inbox.c.queue_key, PENDING, (inbox.c.received_at, inbox.c.update_id))
    record = InboxRecord

    async def add(self, updates: Sequence[IncomingUpdate]) -> list[int]:
        """Store those that are new. Returns: the ids under which they are stored, in the order given."""
        firsts: dict[int, IncomingUpdate] = {}
        for one in updates:
            firsts.setdefault(one.update_id, one)
        now = self._now()
        rows = [
            {
                "update_id": one.update_id,
                "chat_id": one.chat_id,
                "payload": dict(one.payload),
                "received_at": now,
                "queue_key": one.queue_key or str(one.chat_id or 0),
                "media_group_id": one.media_group_id,
                "digest": one.digest,
            }
            for one in firsts.values()
        ]
        new = set((await self._execute(_ADD, rows)).scalars()) if rows else set()
        if new:  # what had that id is older than a month: a new photo is not taken for its
            await self._execute(_FREE, [{"this": update_id} for update_id in new])
            await self.promote(row["queue_key"] for row in rows if row["update_id"] in new)
        ids = [update_id for update_id in firsts if update_id in new]
        if len(ids) < len(updates):
            rest = [one for one in updates if one.update_id not in new or one is not firsts[one.update_id]]
            ids += await self.add([replace(one, update_id=one.other_id) for one in await self._others(rest)])
        return ids

    async def _others(self, updates: Sequence[IncomingUpdate]) -> list[IncomingUpdate]:
        """Those that are not what is stored under their id."""
        stored: dict[int, str | None] = {}
        for some in chunks(one.update_id for one in updates):
            of_them = select(inbox.c.update_id, inbox.c.digest).where(inbox.c.update_id.in_(some))
            stored |= {row.update_id: row.digest for row in await self._execute(of_them)}
        others = [one for one in updates if stored.get(one.update_id) not in {None, one.digest}]
        return [one for one in others if one.update_id != one.other_id]

    async def of_album(self, chat_id: int, media_group_id: str) -> list[datetime]:
        """When those updates of an album came that are not done."""
        theirs = select(inbox.c.received_at).where(ALBUM_PENDING, inbox.c.chat_id == chat_id)
        return list((await self._execute(theirs.where(inbox.c.media_group_id == media_group_id))).scalars())

    async def get(self, update_id: int) -> InboxRecord | None:
        """One update, done or not."""
        return await self._first(InboxRecord, select(inbox).where(inbox.c.update_id == update_id))

    async def adopt(self) -> None:
        """Take up what a bot of an older version stored, which knows no keys."""
        key = cast(func.coalesce(inbox.c.chat_id, 0), String(32))
        await self._execute(update(inbox).where(PENDING, inbox.c.queue_key.is_(None)).values(queue_key=key))
        await self.promote_all()

    async def begin(self, update_id: int) -> int:
        """Count an attempt; its number, from 1 (0: done or gone). Commit before handling, so that crashes count."""
        return int(await self._value(_BEGIN, {"this": update_id}) or 0)

    async def finish(self, update_id: int, error: str | None = None) -> int | None:
        """Dealt with, or given up for that reason. Returns: how many others are due by that; None: it was so before.

        What was in it and where it came from is erased; the id stays, so that a duplicate is known.
        """
        key = await self._value(_KEY, {"this": update_id})
        await self._execute(_FINISH, {"this": update_id, "now": self._now(), "why": error})
        return await self.promote([key]) if key is not None else None

    async def put_aside(self, update_id: int, key: str) -> None:
        """From now on it is in order among others; those that were behind it go on."""
        before = await self._value(_KEY, {"this": update_id})
        if before is not None and before != key:
            await self._execute(_ASIDE, {"this": update_id, "key": key})
            await self.promote([before])

    async def later(self, key: int, at: datetime, error: str, *, failed: bool = True) -> None:
        """See `StageRows.later`. One that was put aside behind another sleeps until that is through."""
        await super().later(key, at, error, failed=failed)
        await self._execute(_BEHIND, {"this": key})

    async def waiting(self, key: str) -> list[int]:
        """Which updates of a queue are not done, in order."""
        rows = await self._execute(_WAITING.order_by(inbox.c.received_at, inbox.c.update_id), {"key": key})
        return list(rows.scalars())

    async def prune(self, before: datetime) -> int:
        """Delete what was received before that time and is done; how many rows."""
        return await self._run(delete(inbox).where(inbox.c.received_at < before, inbox.c.done_at.is_not(None)))
