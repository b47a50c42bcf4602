"""The durable inbox: raw updates, kept from the moment they arrive until they are dealt with."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from functools import cache

from sqlalchemy import bindparam, delete, func, null, select, update
from sqlalchemy.sql.base import Executable

from db.chat.chat_records import InboxRecord, IncomingUpdate
from db.partitions import ALL, within
from db.repository import Repository, chunks, insert
from db.tables import PENDING, inbox

_THIS = update(inbox).where(inbox.c.update_id == bindparam("this"), PENDING)
_BEGIN = _THIS.values(attempts=inbox.c.attempts + 1).returning(inbox.c.attempts)
_FINISH = _THIS.values(done_at=bindparam("now"), payload=null(), chat_id=null(), error=bindparam("why"))


@cache
def _add(dialect: str) -> Executable:
    return insert(dialect, inbox).on_conflict_do_nothing().returning(inbox.c.update_id)


class Inbox(Repository):
    """Updates by `update_id`; the same one twice is one."""

    async def add(self, updates: Sequence[IncomingUpdate]) -> list[int]:
        """Store those that are new, in one statement; their ids in the order given."""
        if not updates:
            return []
        now = self._now()
        rows = [
            {"update_id": u.update_id, "chat_id": u.chat_id, "payload": dict(u.payload), "received_at": now}
            for u in updates
        ]
        new = set((await self._execute(_add(self._dialect), rows)).scalars())
        return [update_id for update_id in dict.fromkeys(u.update_id for u in updates) if update_id in new]

    async def pending(self, limit: int, partitions: Collection[int] = ALL) -> list[InboxRecord]:
        """The oldest updates of these partitions that are not done, at most `limit`, in order of arrival."""
        theirs = select(inbox).where(PENDING, within(inbox.c.chat_id, partitions))
        return await self._all(InboxRecord, theirs.order_by(inbox.c.received_at, inbox.c.update_id).limit(limit))

    async def pending_among(self, update_ids: Iterable[int]) -> list[InboxRecord]:
        """Those of these updates that are not done, in order of arrival."""
        found: list[InboxRecord] = []
        for some in chunks(update_ids):
            found += await self._all(InboxRecord, select(inbox).where(PENDING, inbox.c.update_id.in_(some)))
        return sorted(found, key=lambda one: (one.received_at, one.update_id))

    async def get(self, update_id: int) -> InboxRecord | None:
        """One update, done or not."""
        return await self._first(InboxRecord, select(inbox).where(inbox.c.update_id == update_id))

    async def begin(self, update_id: int) -> int:
        """Count an attempt; its number, from 1 (0: done or gone). Commit before handling, so that crashes count."""
        return int(await self._value(_BEGIN, {"this": update_id}) or 0)

    async def done(self, update_id: int) -> None:
        """Dealt with: what was in it and where it came from is erased; the id stays, so that a duplicate is known."""
        await self._finish(update_id, error=None)

    async def fail(self, update_id: int, error: str) -> None:
        """Given up, with the reason: it is done and erased."""
        await self._finish(update_id, error=error)

    async def _finish(self, update_id: int, error: str | None) -> None:
        await self._run(_FINISH, {"this": update_id, "now": self._now(), "why": error})

    async def count_pending(self) -> int:
        """How many updates wait."""
        return int(await self._value(select(func.count()).select_from(inbox).where(PENDING)))

    async def prune(self, before: datetime) -> int:
        """Delete what was received before that time and is done; how many rows."""
        return await self._run(delete(inbox).where(inbox.c.received_at < before, inbox.c.done_at.is_not(None)))
