"""Every decision about a claim, newest first, beside what it is about: for people who look after the bot.

Or, where a number of the dashboard leads here, everything that was said, decided or not.

Decisions about claims whose photo may not be kept, or is gone, are nobody's business any more and left out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Select, String, and_, cast, func, join, or_, outerjoin, select
from sqlalchemy.sql.elements import ColumnElement

from core.breeds.catalogue import NOT_A_DOG
from core.claim import Decision, Verdict, claimed_label, taught_breed
from core.prediction import BreedScore, Kind
from db.learning.claim_status import KEPT, OPINIONS
from db.learning.claims import LAST_WORD, STANDS
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
        said_from: instead of decisions each person's last word about an answer, ✅ or ❌, from this claim on, with the
            decision that stands, if there is one.
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
    said_from: int | None = None


@dataclass(frozen=True, slots=True)
class DecisionRecord:
    """A decision, or a claim about which none was taken.

    Attributes:
        place: in the order of the list.
        created_at: of the decision, or else of the claim.
        stands: no later one about the claim replaced it. The other names are those of `ClaimRecord`.
    """

    place: int
    decision: Decision | None
    reviewed_breed: str | None
    reviewer: str | None
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


_IS_PERSON = or_(reviews.c.reviewer.startswith(MODERATOR), reviews.c.reviewer == "cli")
_BY = {
    By.PEOPLE: _IS_PERSON,
    By.MODERATORS: reviews.c.reviewer.startswith(MODERATOR),
    By.MACHINES: ~_IS_PERSON,
}


class Decisions(Repository):
    """Pages of decisions."""

    async def page(self, wanted: DecisionFilter, limit: int, *, before_id: int | None = None) -> list[DecisionRecord]:
        """Newest first. The next page begins before the last one's `place`."""
        claim, answer, review = feedback_events.c, predictions.c, reviews.c
        place = review.id if wanted.said_from is None else claim.id
        whole = _chosen(
            select(
                place.label("place"), review.decision, review.breed.label("reviewed_breed"), review.reviewer,
                review.reason, func.coalesce(review.created_at, claim.created_at).label("created_at"),
                STANDS.label("stands"),
                claim.id.label("event_id"), claim.user_id, claim.verdict, claim.breed.label("claimed_breed"),
                claim.suggestion, answer.kind, answer.top, answer.not_a_dog, answer.model_id, answer.dog,
            ),
            wanted,
        )  # fmt: skip
        if before_id is not None:
            whole = whole.where(place < before_id)
        return await self._all(DecisionRecord, whole.order_by(place.desc()).limit(limit))

    async def count(self, wanted: DecisionFilter) -> int:
        """How many there are; 10,000 where there are more."""
        some = _chosen(select(feedback_events.c.id), wanted).limit(COUNTED).subquery()
        return int(await self._value(select(func.count()).select_from(some)))

    async def claims(self, wanted: DecisionFilter, limit: int = COUNTED) -> Sequence[int]:
        """The claims that those decisions are about, oldest first, each once."""
        ids = _chosen(select(reviews.c.feedback_event_id), wanted).where(reviews.c.id.is_not(None)).distinct()
        return (await self._execute(ids.order_by(reviews.c.feedback_event_id).limit(limit))).scalars().all()


def _chosen(rows: Select[tuple[object, ...]], wanted: DecisionFilter) -> Select[tuple[object, ...]]:
    about = reviews.c.feedback_event_id == feedback_events.c.id
    decided = (
        join(reviews, feedback_events, about)
        if wanted.said_from is None
        else outerjoin(feedback_events, reviews, and_(about, STANDS))
    )
    return (
        rows.select_from(decided)
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
    found += [STANDS] if wanted.standing else []
    found += _said(wanted.said_from) if wanted.said_from is not None else []
    return found


def _said(first: int) -> list[ColumnElement[bool]]:
    claim = feedback_events.c
    return [claim.id >= first, claim.verdict.in_(OPINIONS), LAST_WORD]


def _answered(label: str) -> ColumnElement[bool]:
    best = cast(predictions.c.top, String).startswith(f'[["{label}"', autoescape=True)
    no_dog = predictions.c.kind == Kind.NOT_A_DOG
    return no_dog if label == NOT_A_DOG else and_(~no_dog, best)


def _about(label: str) -> ColumnElement[bool]:
    claim = feedback_events.c
    said = or_(claim.breed == label, and_(claim.verdict == Verdict.CONFIRM, _answered(label)))
    also = [claim.verdict == Verdict.NOT_A_DOG] if label == NOT_A_DOG else []
    return or_(reviews.c.breed == label, said, *also)
