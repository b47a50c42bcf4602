"""Every decision about a claim, newest first, beside what it is about: for people who look after the bot.

Decisions about claims whose photo may not be kept, or is gone, are nobody's business any more and left out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Select, String, and_, cast, func, or_, select
from sqlalchemy.sql.elements import ColumnElement

from core.breeds.catalogue import NOT_A_DOG
from core.claim import Decision, Verdict, claimed_label, taught_breed
from core.prediction import BreedScore, Kind
from db.learning.claim_status import KEPT
from db.learning.reviews import MODERATOR
from db.repository import Repository
from db.tables import feedback_events, predictions, reviews, users

COUNTED = 10_000


class By(StrEnum):
    """Who decided, where it does not matter which of several."""

    PEOPLE = "people"
    MODERATORS = "moderators"
    MACHINES = "machines"


@dataclass(frozen=True, slots=True)
class DecisionFilter:
    """Which decisions; everything None is all of them.

    Attributes:
        by: who decided, by kind; `reviewer`: exactly who.
        decision: what was decided.
        label: what the claim says, or the reviewer: a slug or `not_a_dog`.
        answered: what was answered, a label; `model_id`: by which model.
        user_id: whose claim; `event_id`: which one.
        since, until: when it was decided; `until` is not in it.
        standing: only those that no later one replaced.
    """

    by: By | None = None
    reviewer: str | None = None
    decision: Decision | None = None
    label: str | None = None
    answered: str | None = None
    model_id: str | None = None
    user_id: int | None = None
    event_id: int | None = None
    since: datetime | None = None
    until: datetime | None = None
    standing: bool = False


@dataclass(frozen=True, slots=True)
class DecisionRecord:
    """A decision. `stands`: no later one about the claim replaced it; the other names are those of `ClaimRecord`."""

    review_id: int
    decision: Decision
    reviewed_breed: str | None
    reviewer: str
    reason: str | None
    created_at: datetime
    stands: bool
    event_id: int
    user_id: int
    verdict: Verdict
    claimed_breed: str | None
    suggestion: str | None
    kind: Kind
    top: tuple[BreedScore, ...]
    not_a_dog: float
    model_id: str
    dog: int

    @property
    def claimed(self) -> str | None:
        """What the person says it is; None where they named nothing that the catalogue has."""
        return claimed_label(self.verdict, self.claimed_breed, self.kind, self.top)

    @property
    def taught(self) -> str | None:
        """What a model learns, if this is an acceptance."""
        return taught_breed(self.verdict, self.claimed_breed, self.reviewed_breed, self.kind, self.top)


_NEWER = reviews.alias()
_STANDS = (
    ~select(_NEWER.c.id)
    .where(_NEWER.c.feedback_event_id == reviews.c.feedback_event_id, _NEWER.c.id > reviews.c.id)
    .exists()
)
_IS_PERSON = or_(reviews.c.reviewer.startswith(MODERATOR), reviews.c.reviewer == "cli")
_BY = {
    By.PEOPLE: _IS_PERSON,
    By.MODERATORS: reviews.c.reviewer.startswith(MODERATOR),
    By.MACHINES: ~_IS_PERSON,
}


class Decisions(Repository):
    """Pages of decisions."""

    async def page(self, wanted: DecisionFilter, limit: int, *, before_id: int | None = None) -> list[DecisionRecord]:
        """Newest first. The next page begins before the last one's `review_id`."""
        claim, answer, review = feedback_events.c, predictions.c, reviews.c
        whole = _chosen(
            select(
                review.id.label("review_id"), review.decision, review.breed.label("reviewed_breed"), review.reviewer,
                review.reason, review.created_at, _STANDS.label("stands"),
                claim.id.label("event_id"), claim.user_id, claim.verdict, claim.breed.label("claimed_breed"),
                claim.suggestion, answer.kind, answer.top, answer.not_a_dog, answer.model_id, answer.dog,
            ),
            wanted,
        )  # fmt: skip
        if before_id is not None:
            whole = whole.where(review.id < before_id)
        return await self._all(DecisionRecord, whole.order_by(review.id.desc()).limit(limit))

    async def count(self, wanted: DecisionFilter) -> int:
        """How many there are; 10,000 where there are more."""
        some = _chosen(select(reviews.c.id), wanted).limit(COUNTED).subquery()
        return int(await self._value(select(func.count()).select_from(some)))

    async def claims(self, wanted: DecisionFilter, limit: int = COUNTED) -> Sequence[int]:
        """The claims that those are about, oldest first, each once."""
        ids = _chosen(select(reviews.c.feedback_event_id), wanted).distinct()
        return (await self._execute(ids.order_by(reviews.c.feedback_event_id).limit(limit))).scalars().all()


def _chosen(rows: Select[tuple[object, ...]], wanted: DecisionFilter) -> Select[tuple[object, ...]]:
    return (
        rows.select_from(reviews)
        .join(feedback_events, feedback_events.c.id == reviews.c.feedback_event_id)
        .join(predictions, predictions.c.id == feedback_events.c.prediction_id)
        .join(users, users.c.id == predictions.c.user_id)
        .where(KEPT, *_conditions(wanted))
    )


def _conditions(wanted: DecisionFilter) -> list[ColumnElement[bool]]:
    exact = {
        reviews.c.reviewer: wanted.reviewer,
        reviews.c.decision: wanted.decision,
        predictions.c.model_id: wanted.model_id,
        feedback_events.c.user_id: wanted.user_id,
        feedback_events.c.id: wanted.event_id,
    }
    found: list[ColumnElement[bool]] = [column == value for column, value in exact.items() if value is not None]
    found += [_BY[wanted.by]] if wanted.by is not None else []
    found += [reviews.c.created_at >= wanted.since] if wanted.since is not None else []
    found += [reviews.c.created_at < wanted.until] if wanted.until is not None else []
    found += [_about(wanted.label)] if wanted.label is not None else []
    found += [_answered(wanted.answered)] if wanted.answered is not None else []
    found += [_STANDS] if wanted.standing else []
    return found


def _answered(label: str) -> ColumnElement[bool]:
    best = cast(predictions.c.top, String).startswith(f'[["{label}"', autoescape=True)
    no_dog = predictions.c.kind == Kind.NOT_A_DOG
    return no_dog if label == NOT_A_DOG else and_(~no_dog, best)


def _about(label: str) -> ColumnElement[bool]:
    claim = feedback_events.c
    said = or_(claim.breed == label, and_(claim.verdict == Verdict.CONFIRM, _answered(label)))
    also = [claim.verdict == Verdict.NOT_A_DOG] if label == NOT_A_DOG else []
    return or_(reviews.c.breed == label, said, *also)
