"""What people said of the answers of a model, around a moment in time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Subquery, func, select

from core.claim import Verdict
from db.repository import Repository
from db.tables import feedback_events, predictions, reviews

_JUDGED = (Verdict.CONFIRM, Verdict.CORRECT, Verdict.NOT_A_DOG, Verdict.OTHER, Verdict.WITHDRAWN)


@dataclass(frozen=True, slots=True)
class SaidOfAnswer:
    """One claim about an answer; a later one of the same person about the same answer replaces it."""

    event_id: int
    prediction_id: int
    user_id: int
    verdict: Verdict
    created_at: datetime


@dataclass(frozen=True, slots=True)
class NewestIds:
    """The newest claim and the newest decision; 0 = none. They change when there is something new to think about."""

    claim: int
    decision: int


class AnswerOpinions(Repository):
    """Claims by model, read around an id: the number of claims in the table does not matter."""

    async def since(self, moment: datetime, model_id: str, *, limit: int = 5000) -> Sequence[SaidOfAnswer]:
        """About this model's answers, among the first `limit` claims from that time on; oldest first."""
        first = await self._first_since(moment)
        claims = select(feedback_events).where(feedback_events.c.id >= first)
        return await self._about(model_id, claims.order_by(feedback_events.c.id).limit(limit).subquery())

    async def before(self, moment: datetime, model_id: str, *, limit: int = 5000) -> Sequence[SaidOfAnswer]:
        """About this model's answers, among the last `limit` claims before that time; oldest first."""
        first = await self._first_since(moment)
        claims = select(feedback_events).where(feedback_events.c.id < first)
        return await self._about(model_id, claims.order_by(feedback_events.c.id.desc()).limit(limit).subquery())

    async def newest(self) -> NewestIds:
        """See `NewestIds`."""
        return NewestIds(
            int(await self._value(select(func.max(feedback_events.c.id))) or 0),
            int(await self._value(select(func.max(reviews.c.id))) or 0),
        )

    async def _about(self, model_id: str, claims: Subquery) -> Sequence[SaidOfAnswer]:
        said = (
            select(claims.c.id.label("event_id"), *(claims.c[name] for name in ("prediction_id", "user_id", "verdict")))
            .add_columns(claims.c.created_at)
            .join(predictions, predictions.c.id == claims.c.prediction_id)
            .where(predictions.c.model_id == model_id, claims.c.verdict.in_(_JUDGED))
        )
        return await self._all(SaidOfAnswer, said.order_by(claims.c.id))

    async def _first_since(self, moment: datetime) -> int:
        """The first id from that time on, by bisection: claims are in the order of time, and ids are indexed."""
        low, high = 0, int(await self._value(select(func.max(feedback_events.c.id))) or 0) + 1
        while low < high:
            middle = (low + high) // 2
            there = select(feedback_events.c.created_at).where(feedback_events.c.id >= middle)
            found = await self._value(there.order_by(feedback_events.c.id).limit(1))
            if found is not None and found < moment:
                low = middle + 1
            else:
                high = middle
        return low
