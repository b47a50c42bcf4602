"""What waits in each stage, and what is in trouble: when it is tried next, and why it was not done."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, Table, func, literal, select, union_all
from sqlalchemy.sql.elements import TextClause

from db.repository import Repository
from db.tables import AWAKE_ANSWER, OPEN, PENDING, QUEUED, UNSENT, albums, claim_notices, inbox, jobs, outbox, thanks

STAGES: tuple[tuple[str, Table, TextClause | None], ...] = (
    ("inbox", inbox, PENDING),
    ("jobs", jobs, QUEUED),
    ("albums", albums, OPEN),
    ("outbox", outbox, None),
    ("thanks", thanks, UNSENT),
    ("notices", claim_notices, AWAKE_ANSWER),
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
        now = self._now()
        counts = union_all(*(_counts(place, now) for place in range(len(STAGES))))
        numbers = {row.place: (row.waiting, row.due, row.failed) for row in await self._execute(counts)}
        why = union_all(*(_first_trouble(place) for place, (_, table, _) in enumerate(STAGES) if "error" in table.c))
        found = {row.place: (row.next_try_at, row.error) for row in await self._execute(why)}
        return [
            StageStatus(name, *numbers[place], *found.get(place, (None, None)))
            for place, (name, _, _) in enumerate(STAGES)
        ]


def _counts(place: int, now: datetime) -> Select[Any]:
    _, table, still = STAGES[place]
    due, failed = func.count().filter(table.c.next_try_at <= now), func.count().filter(table.c.tries > 0)
    columns: list[Any] = [func.count().label("waiting"), due.label("due"), failed.label("failed")]
    counts = select(literal(place).label("place"), *columns).select_from(table)
    return counts if still is None else counts.where(still)


def _first_trouble(place: int) -> Select[Any]:
    _, table, still = STAGES[place]
    c = table.c
    failed = c.error.is_not(None) if still is None else c.error.is_not(None) & still
    first = select(literal(place).label("place"), c.next_try_at, c.error).where(failed).order_by(c.next_try_at)
    return select(first.limit(1).subquery())
