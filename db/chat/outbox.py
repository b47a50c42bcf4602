"""The outbox: answers that are to be said, in order within a chat. A row goes when its answer is out and noted."""

from sqlalchemy import bindparam, delete, func, select

from db.chat.chat_records import OutboxRecord
from db.stage_rows import StageRows, StageTable
from db.tables import UNANSWERED, jobs, outbox

_SAID = delete(outbox).where(outbox.c.id == bindparam("row"))


class Outbox(StageRows[OutboxRecord]):
    """Answers by id."""

    stage = StageTable(outbox, outbox.c.id, outbox.c.chat_id, order=(outbox.c.id,))
    record = OutboxRecord

    async def add(self, job_id: int, chat_id: int, user_id: int, media_group_id: str | None = None) -> None:
        """This photo's answer, or that of its album, is to be said; once, however often it is added."""
        row = {"job_id": job_id, "chat_id": chat_id, "user_id": user_id, "media_group_id": media_group_id}
        fresh = self._insert(outbox).values(**row, created_at=self._now())
        if await self._run(fresh.on_conflict_do_nothing()):
            await self.promote([chat_id])

    async def said(self, row_id: int, chat_id: int) -> int:
        """It is out. Returns: how many others are due by that: the next of its chat, if there is one."""
        await self._run(_SAID, {"row": row_id})
        return await self.promote([chat_id])

    async def adopt(self) -> None:
        """Take up what has its result and is neither said nor here: a bot of an older version stored it."""
        here = select(outbox.c.id).where(outbox.c.job_id == jobs.c.id)
        unsaid = select(jobs.c.id, jobs.c.chat_id, jobs.c.user_id, jobs.c.created_at).where(
            UNANSWERED, jobs.c.media_group_id.is_(None), ~here.exists()
        )
        columns = ["job_id", "chat_id", "user_id", "created_at"]
        added = self._insert(outbox).from_select(columns, unsaid.order_by(jobs.c.id))
        await self._run(added.on_conflict_do_nothing())
        await self.promote_all()

    async def count(self) -> int:
        """How many answers wait."""
        return int(await self._value(select(func.count()).select_from(outbox)))
