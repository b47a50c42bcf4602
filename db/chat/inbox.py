"""The durable inbox: raw updates, kept from the moment they arrive until they are dealt with."""

from collections.abc import Sequence
from datetime import datetime
from functools import cache

from sqlalchemy import String, bindparam, cast, delete, func, null, select, update
from sqlalchemy.sql.base import Executable

from db.chat.chat_records import InboxRecord, IncomingUpdate
from db.repository import insert
from db.stage_rows import StageRows, StageTable
from db.tables import ALBUM_PENDING, PENDING, inbox

_THIS = update(inbox).where(inbox.c.update_id == bindparam("this"), PENDING)
_BEGIN = _THIS.values(attempts=inbox.c.attempts + 1).returning(inbox.c.attempts)
ERASED = {"payload": null(), "chat_id": null(), "queue_key": null(), "media_group_id": null(), "next_try_at": null()}
_KEY = select(inbox.c.queue_key).where(inbox.c.update_id == bindparam("this"), PENDING)
_FINISH = _THIS.values(done_at=bindparam("now"), error=bindparam("why"), **ERASED)


@cache
def _add(dialect: str) -> Executable:
    return insert(dialect, inbox).on_conflict_do_nothing().returning(inbox.c.update_id)


class Inbox(StageRows):
    """Updates by `update_id`; the same one twice is one. In order of arrival within a `queue_key`."""

    stage = StageTable(inbox, inbox.c.update_id, PENDING, inbox.c.queue_key, (inbox.c.received_at, inbox.c.update_id))

    async def add(self, updates: Sequence[IncomingUpdate]) -> list[int]:
        """Store those that are new; their ids in the order given."""
        if not updates:
            return []
        now = self._now()
        rows = [
            {
                "update_id": one.update_id,
                "chat_id": one.chat_id,
                "payload": dict(one.payload),
                "received_at": now,
                "queue_key": _key(one),
                "media_group_id": one.media_group_id,
            }
            for one in updates
        ]
        new = set((await self._execute(_add(self._dialect), rows)).scalars())
        await self.promote(_key(one) for one in updates if one.update_id in new)
        return [update_id for update_id in dict.fromkeys(one.update_id for one in updates) if update_id in new]

    async def due(self, limit: int) -> list[InboxRecord]:
        """Updates that are due, longest first."""
        return await self._due(InboxRecord, limit)

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

    async def count_pending(self, limit: int | None = None) -> int:
        """How many updates wait, counted up to `limit`."""
        some = select(inbox.c.update_id).where(PENDING).limit(limit).subquery()
        return int(await self._value(select(func.count()).select_from(some)))

    async def prune(self, before: datetime) -> int:
        """Delete what was received before that time and is done; how many rows."""
        return await self._run(delete(inbox).where(inbox.c.received_at < before, inbox.c.done_at.is_not(None)))


def _key(one: IncomingUpdate) -> str:
    return one.queue_key or str(one.chat_id or 0)
