"""What a shadow model would have answered beside the champion."""

from collections.abc import Sequence
from dataclasses import asdict

from sqlalchemy import delete, select

from core.breeds.catalogue import NOT_A_DOG
from core.claim import answered_breed
from db.learning.learning_records import NewShadowScore, ShadowAgreement
from db.repository import Repository, insert
from db.tables import accepted_claims, feedback_events, predictions, shadow_scores

COMPARED = 10_000  # photos, the newest ones


class Shadow(Repository):
    """Scores by prediction and model."""

    async def add(self, rows: Sequence[NewShadowScore]) -> int:
        """Store; how many. A second score of the same stays out, and so does one whose prediction was forgotten."""
        wanted = select(predictions.c.id).where(predictions.c.id.in_({row.prediction_id for row in rows}))
        there = set((await self._execute(wanted.with_for_update(read=True, key_share=True))).scalars())
        values = [asdict(row) | {"created_at": self._now()} for row in rows if row.prediction_id in there]
        if not values:
            return 0
        fresh = insert(shadow_scores).on_conflict_do_nothing().returning(shadow_scores.c.prediction_id)
        return len((await self._execute(fresh, values)).all())

    async def start_over(self, model_id: str) -> None:
        """Forget what a model said when it was tried before: one that was taken back is tried anew."""
        await self._execute(delete(shadow_scores).where(shadow_scores.c.model_id == model_id))

    async def agreement(self, model_id: str) -> ShadowAgreement:
        """How its answers compare with those that were given, over its last 10,000 photos."""
        newest = (
            select(shadow_scores.c.prediction_id, shadow_scores.c.breed)
            .where(shadow_scores.c.model_id == model_id)
            .order_by(shadow_scores.c.prediction_id.desc())
            .limit(COMPARED)
            .subquery()
        )
        answers = select(newest, predictions.c.kind, predictions.c.top).join(
            predictions, predictions.c.id == newest.c.prediction_id
        )
        pairs = {
            row.prediction_id: (row.breed or NOT_A_DOG, answered_breed(row.kind, row.top))
            for row in await self._execute(answers)
        }
        truth = (
            select(feedback_events.c.prediction_id, accepted_claims.c.breed)
            .select_from(newest)
            .join(feedback_events, feedback_events.c.prediction_id == newest.c.prediction_id)
            .join(accepted_claims, accepted_claims.c.feedback_event_id == feedback_events.c.id)
            .where(accepted_claims.c.breed.is_not(None))
        )
        judged = {row.prediction_id: row.breed for row in await self._execute(truth)}
        return ShadowAgreement(
            photos=len(pairs),
            same_answer=sum(candidate == champion for candidate, champion in pairs.values()),
            judged=len(judged),
            candidate_right=sum(pairs[about][0] == breed for about, breed in judged.items()),
            champion_right=sum(pairs[about][1] == breed for about, breed in judged.items()),
        )
