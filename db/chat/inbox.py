"""The durable inbox: raw updates, kept from the moment they arrive until they are dealt with."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import cache

from sqlalchemy import String, bindparam, cast, delete, func, null, select, tuple_, update
from sqlalchemy.sql.base import Executable

from db.chat.chat_records import InboxRecord, IncomingUpdate
from db.repository import chunks, insert
from db.stage_rows import StageRows, StageTable
from db.tables import ALBUM_PENDING, PENDING, inbox, jobs

_THIS = update(inbox).where(inbox.c.update_id == bindparam("this"), PENDING)
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


@cache
def _add(dialect: str) -> Executable:
    return insert(dialect, inbox).on_conflict_do_nothing().returning(inbox.c.update_id)


class Inbox(StageRows[InboxRecord]):
    """Updates by `update_id`; the same one twice is one. In order of arrival within a `queue_key`.

    Telegram keeps updates for a day, and after a quiet week it begins anew at any id: another update with the id of one
    that is here is kept under its `other_id`.
    """

    stage = StageTable(inbox, inbox.c.update_id, inbox.c.queue_key, PENDING, (inbox.c.received_at, inbox.c.update_id))
    record = InboxRecord

    async def add(self, updates: Sequence[IncomingUpdate]) -> list[int]:
        """Store those that are new. Returns: the ids under which they are stored, in the order given."""
        distinct = {(one.update_id, one.digest): one for one in updates}.values()
        firsts: dict[int, IncomingUpdate] = {}
        for one in distinct:
            firsts.setdefault(one.update_id, one)
        new = await self._store(list(firsts.values()))
        for some in chunks(new):  # what had that id is older than a month: a new photo is not taken for its
            await self._run(update(jobs).where(jobs.c.update_id.in_(some)).values(update_id=None))
        rest = [one for one in distinct if one.update_id not in new or one is not firsts[one.update_id]]
        others = [replace(one, update_id=one.other_id) for one in await self._others(rest)]
        new |= await self._store(others)
        ids = dict.fromkeys(one.update_id for one in (*updates, *others))
        return [update_id for update_id in ids if update_id in new]

    async def _others(self, updates: Sequence[IncomingUpdate]) -> list[IncomingUpdate]:
        """Those that are not what is stored under their id."""
        stored: dict[int, str | None] = {}
        for some in chunks(one.update_id for one in updates):
            of_them = select(inbox.c.update_id, inbox.c.digest).where(inbox.c.update_id.in_(some))
            stored |= {row.update_id: row.digest for row in await self._execute(of_them)}
        return [one for one in updates if stored.get(one.update_id) not in {None, one.digest}]

    async def _store(self, updates: Sequence[IncomingUpdate]) -> set[int]:
        if not updates:
            return set()
        now = self._now()
        rows = [
            {
                "update_id": one.update_id,
                "chat_id": one.chat_id,
                "payload": dict(one.payload),
                "received_at": now,
                "queue_key": _key(one),
                "media_group_id": one.media_group_id,
                "digest": one.digest,
            }
            for one in updates
        ]
        new = set((await self._execute(_add(self._dialect), rows)).scalars())
        await self.promote(_key(one) for one in updates if one.update_id in new)
        return new

    async def pending(self, limit: int) -> list[InboxRecord]:
        """The oldest updates that are not done, at most `limit`, in order of arrival."""
        oldest = select(inbox).where(PENDING).order_by(inbox.c.received_at, inbox.c.update_id)
        return await self._all(InboxRecord, oldest.limit(limit))

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
        await self._run(update(inbox).where(PENDING, inbox.c.queue_key.is_(None)).values(queue_key=key))
        await self.promote_all()

    async def begin(self, update_id: int) -> int:
        """Count an attempt; its number, from 1 (0: done or gone). Commit before handling, so that crashes count."""
        return int(await self._value(_BEGIN, {"this": update_id}) or 0)

    async def done(self, update_id: int) -> None:
        """Dealt with: what was in it and where it came from is erased; the id stays, so that a duplicate is known."""
        await self.finish(update_id)

    async def fail(self, update_id: int, error: str) -> None:
        """Given up, with the reason: it is done and erased."""
        await self.finish(update_id, error)

    async def finish(self, update_id: int, error: str | None = None) -> int:
        """Done, or given up for that reason. Returns: how many others are due by that."""
        key = await self._value(_KEY, {"this": update_id})
        await self._run(_FINISH, {"this": update_id, "now": self._now(), "why": error})
        return await self.promote([key]) if key is not None else 0

    async def put_aside(self, update_id: int, key: str) -> None:
        """From now on it is in order among others; those that were behind it go on."""
        before = await self._value(_KEY, {"this": update_id})
        if before is not None and before != key:
            await self._run(_ASIDE, {"this": update_id, "key": key})
            await self.promote([before])

    async def later(self, key: int, at: datetime, error: str, *, failed: bool = True) -> None:
        """See `StageRows.later`. One that was put aside behind another sleeps until that is through."""
        await super().later(key, at, error, failed=failed)
        await self._run(_BEHIND, {"this": key})

    async def waiting(self, key: str) -> list[int]:
        """Which updates of a queue are not done, in order."""
        rows = await self._execute(_WAITING.order_by(inbox.c.received_at, inbox.c.update_id), {"key": key})
        return list(rows.scalars())

    async def count_pending(self, limit: int | None = None) -> int:
        """How many updates wait, counted up to `limit`."""
        some = select(inbox.c.update_id).where(PENDING).limit(limit).subquery()
        return int(await self._value(select(func.count()).select_from(some)))

    async def prune(self, before: datetime) -> int:
        """Delete what was received before that time and is done; how many rows."""
        return await self._run(delete(inbox).where(inbox.c.received_at < before, inbox.c.done_at.is_not(None)))


def _key(one: IncomingUpdate) -> str:
    return one.queue_key or str(one.chat_id or 0)
