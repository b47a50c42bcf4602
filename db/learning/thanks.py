"""The outbox of thanks: "your correction is part of model …", to be said once, and to nobody who does not want it."""

from datetime import datetime

from sqlalchemy import func, literal, select, true, tuple_, update

from core.clock import UtcDateTime
from db.errors import RowMissing
from db.learning.learning_records import ThanksRecord
from db.repository import Repository
from db.tables import UNSENT, feedback_events, model_evidence, thanks, users


class Thanks(Repository):
    """Thanks by person and model."""

    async def add(self, model_id: str) -> int:
        """Note everybody whose claims made this model and were not spoken of before; how many people."""
        spoken_of, earlier = thanks.alias(), model_evidence.alias()
        thanked = (
            select(earlier.c.feedback_event_id)
            .join(spoken_of, spoken_of.c.model_id == earlier.c.model_id)
            .where(
                earlier.c.feedback_event_id == model_evidence.c.feedback_event_id,
                spoken_of.c.user_id == feedback_events.c.user_id,
            )
        )
        people = (
            select(feedback_events.c.user_id, literal(model_id), func.count(), literal(self._now(), UtcDateTime()))
            .select_from(model_evidence)
            .join(feedback_events, feedback_events.c.id == model_evidence.c.feedback_event_id)
            .join(users, users.c.id == feedback_events.c.user_id)
            .where(model_evidence.c.model_id == model_id, users.c.wants_thanks == true(), users.c.banned_at.is_(None))
            .where(~thanked.exists())
            .group_by(feedback_events.c.user_id)
        )
        fresh = self._insert(thanks).from_select(["user_id", "model_id", "events", "next_try_at"], people)
        return await self._run(fresh.on_conflict_do_nothing())

    async def due(self, limit: int) -> list[ThanksRecord]:
        """Those that are due, to people who (still) want to hear them, longest first."""
        unsent = (
            select(thanks)
            .join(users, users.c.id == thanks.c.user_id)
            .where(UNSENT, users.c.wants_thanks == true(), users.c.banned_at.is_(None))
            .where(thanks.c.next_try_at <= self._now())
        )
        in_order = (thanks.c.next_try_at, thanks.c.user_id, thanks.c.model_id)
        return await self._all(ThanksRecord, unsent.order_by(*in_order).limit(limit))

    async def adopt(self) -> None:
        """Take up what a bot of an older version stored, which knows no due times."""
        await self._run(update(thanks).where(UNSENT, thanks.c.next_try_at.is_(None)).values(next_try_at=self._now()))

    async def later(self, user_id: int, model_id: str, at: datetime, error: str) -> None:
        """It could not be said: when it is tried next, and why."""
        this = update(thanks).where(tuple_(thanks.c.user_id, thanks.c.model_id) == (user_id, model_id), UNSENT)
        await self._run(this.values(next_try_at=at, tries=thanks.c.tries + 1, error=error[:500]))

    async def sent(self, user_id: int, model_id: str) -> None:
        """It was said, or never will be (the person has blocked the bot). Raises RowMissing if there is no such one."""
        this = update(thanks).where(thanks.c.user_id == user_id, thanks.c.model_id == model_id)
        if not await self._run(this.values(sent_at=func.coalesce(thanks.c.sent_at, self._now()))):
            raise RowMissing(f"no thanks to user {user_id} for model {model_id}; the user may have been forgotten")
