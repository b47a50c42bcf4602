"""The registry of heads: which there were, when each was the champion, and whose claims it was made of."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, literal, select, update

from core.claim import Decision, taught_breed
from db.chat.chat_records import ModelVersionRecord
from db.errors import RowMissing
from db.learning.claim_status import POLICY
from db.learning.learning_records import EvidenceRecord
from db.repository import Repository, chunks, insert
from db.tables import CHAMPION, feedback_events, model_evidence, model_versions, predictions, reviews


@dataclass(frozen=True, slots=True)
class Teacher:
    """A person, and how many of their claims made a model; `by_rule`: of them those that the trust policy accepted."""

    user_id: int
    claims: int
    by_rule: int


class ModelVersions(Repository):
    """Heads by model id."""

    async def add(
        self, model_id: str, *, backbone_id: str, manifest: Mapping[str, Any], note: str | None = None
    ) -> ModelVersionRecord:
        """Register a head; one that is known already stays as it is."""
        values = {"model_id": model_id, "backbone_id": backbone_id, "manifest": dict(manifest), "note": note}
        fresh = insert(model_versions).values(**values, created_at=self._now())
        await self._execute(fresh.on_conflict_do_nothing())
        this = select(model_versions).where(model_versions.c.model_id == model_id)
        [version] = await self._all(ModelVersionRecord, this)
        return version

    async def get(self, model_id: str) -> ModelVersionRecord | None:
        """One head, or None."""
        return await self._first(
            ModelVersionRecord, select(model_versions).where(model_versions.c.model_id == model_id)
        )

    async def champion(self) -> ModelVersionRecord | None:
        """The head that was promoted last and is not retired, or None."""
        newest = select(model_versions).where(CHAMPION).order_by(model_versions.c.promoted_at.desc())
        return await self._first(ModelVersionRecord, newest.limit(1))

    async def promote(self, model_id: str) -> None:
        """Make this head the champion and retire the one before. Raises RowMissing for an unknown one."""
        now = self._now()
        this = model_versions.c.model_id == model_id
        await self._execute(update(model_versions).where(CHAMPION, ~this).values(retired_at=now))
        if not await self._run(update(model_versions).where(this).values(promoted_at=now, retired_at=None)):
            raise RowMissing(f"model {model_id} is not in the database; register it first")

    # Last in the class, because inside it the name hides the built-in one.
    async def list(self, limit: int = 100) -> list[ModelVersionRecord]:
        """Heads, newest first."""
        newest = select(model_versions).order_by(model_versions.c.created_at.desc(), model_versions.c.model_id)
        return await self._all(ModelVersionRecord, newest.limit(limit))


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
