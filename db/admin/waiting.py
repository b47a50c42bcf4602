"""What waits in each stage, and what is in trouble: when it is tried next, and why it was not done."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Table, func, select
from sqlalchemy.sql.elements import TextClause

from db.repository import Repository
from db.tables import OPEN, PENDING, QUEUED, UNSENT, albums, inbox, jobs, outbox, thanks

STAGES: tuple[tuple[str, Table, TextClause | None], ...] = (
    ("inbox", inbox, PENDING),
    ("jobs", jobs, QUEUED),
    ("albums", albums, OPEN),
    ("outbox", outbox, None),
    ("thanks", thanks, UNSENT),
)


@dataclass(frozen=True, slots=True)
class StageStatus:
    """One stage.

    Attributes:
        waiting: rows that are not through.
        due: of them, those to be done now.
        failed: of them, those that were tried in vain.
        next_try_at: when the first of those that say why is tried again; `error`: why.
    """

    stage: str
    waiting: int
    due: int
    failed: int
    next_try_at: datetime | None
    error: str | None

    def to_json(self) -> dict[str, Any]:
        """For programs."""
        return {
            "stage": self.stage,
            "waiting": self.waiting,
            "due": self.due,
            "failed": self.failed,
            "next_try_at": self.next_try_at.isoformat() if self.next_try_at else None,
            "error": self.error,
        }


class Waiting(Repository):
    """All stages."""

    async def stages(self) -> list[StageStatus]:
        """In the order in which a photo goes through them."""
        return [await self._of(*one) for one in STAGES]

    async def _of(self, name: str, table: Table, still: TextClause | None) -> StageStatus:
        c = table.c
        due, failed = func.count().filter(c.next_try_at <= self._now()), func.count().filter(c.tries > 0)
        counts = select(func.count(), due, failed).select_from(table)
        troubled = select(c.next_try_at, c.error).where(c.error.is_not(None)) if "error" in c else None
        if still is not None:
            counts = counts.where(still)
            troubled = troubled.where(still) if troubled is not None else None
        numbers = (await self._execute(counts)).one()
        found = None
        if troubled is not None:
            found = (await self._execute(troubled.order_by(c.next_try_at).limit(1))).first()
        return StageStatus(name, *numbers, *(found or (None, None)))
