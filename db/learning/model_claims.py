"""Which claims made a model."""

from collections.abc import Iterable

from sqlalchemy import func, literal, select

from core.claim import Decision, taught_breed
from db.learning.learning_records import EvidenceRecord
from db.repository import Repository, chunks, insert
from db.tables import feedback_events, model_evidence, predictions, reviews


class Evidence(Repository):
    """Claims by model id; a claim that is forgotten leaves the ledger, too."""

    async def add(self, model_id: str, event_ids: Iterable[int]) -> int:
        """Note the claims, each with the review that accepts it; how many. Those that are gone are left out."""
        added = 0
        for some in chunks(event_ids):
            accepting = (
                select(func.max(reviews.c.id))
                .where(reviews.c.feedback_event_id == feedback_events.c.id, reviews.c.decision == Decision.ACCEPTED)
                .scalar_subquery()
            )
            claims = select(literal(model_id), feedback_events.c.id, accepting).where(feedback_events.c.id.in_(some))
            fresh = insert(model_evidence).from_select(["model_id", "feedback_event_id", "review_id"], claims)
            added += await self._run(fresh.on_conflict_do_nothing())
        return added

    async def of(self, model_id: str, *, limit: int = 100_000, after_id: int = 0) -> list[EvidenceRecord]:
        """The claims that made a model, oldest first. The next page begins after the last one's `event_id`."""
        claim, answer = feedback_events.c, predictions.c
        rows = await self._execute(
            select(
                *(claim.id, claim.user_id, claim.verdict, claim.breed, answer.photo_sha256, answer.kind, answer.top),
                *(reviews.c.reviewer, reviews.c.breed.label("reviewed")),
            )
            .select_from(model_evidence)
            .join(feedback_events, claim.id == model_evidence.c.feedback_event_id)
            .join(predictions, answer.id == claim.prediction_id)
            .outerjoin(reviews, reviews.c.id == model_evidence.c.review_id)
            .where(model_evidence.c.model_id == model_id, model_evidence.c.feedback_event_id > after_id)
            .order_by(model_evidence.c.feedback_event_id)
            .limit(limit)
        )
        return [
            EvidenceRecord(
                event_id=row.id,
                user_id=row.user_id,
                photo_sha256=row.photo_sha256,
                verdict=row.verdict,
                breed=taught_breed(row.verdict, row.breed, row.reviewed, row.kind, row.top),
                reviewer=row.reviewer,
            )
            for row in rows
        ]

    async def count(self, model_id: str) -> int:
        """How many claims of those that made a model are still there."""
        theirs = select(func.count()).select_from(model_evidence).where(model_evidence.c.model_id == model_id)
        return int(await self._value(theirs))
