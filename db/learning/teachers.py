"""Whose claims made a model, and who accepted them."""

from dataclasses import dataclass

from sqlalchemy import func, select

from db.learning.claim_status import POLICY
from db.repository import Repository
from db.tables import feedback_events, model_evidence, reviews


@dataclass(frozen=True, slots=True)
class Teacher:
    """A person, and how many of their claims made a model; `by_rule`: of them those that the trust policy accepted."""

    user_id: int
    claims: int
    by_rule: int


class Teachers(Repository):
    """By model; people who were forgotten are in none."""

    async def of(self, model_id: str) -> list[Teacher]:
        """Who taught most comes first."""
        claims = func.count()
        people = (
            select(
                feedback_events.c.user_id,
                claims.label("claims"),
                func.count().filter(reviews.c.reviewer == POLICY).label("by_rule"),
            )
            .select_from(model_evidence)
            .join(feedback_events, feedback_events.c.id == model_evidence.c.feedback_event_id)
            .outerjoin(reviews, reviews.c.id == model_evidence.c.review_id)
            .where(model_evidence.c.model_id == model_id)
            .group_by(feedback_events.c.user_id)
        )
        return await self._all(Teacher, people.order_by(claims.desc(), feedback_events.c.user_id))
