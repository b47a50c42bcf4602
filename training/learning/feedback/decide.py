"""What a reviewer does about a claim: one use-case behind the chat's buttons, the console and the command line.

Each function works in a unit that the caller opens and commits. What stands in the way is raised as a fact; the caller
says it in its own words.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from core.breeds.catalogue import NOT_A_DOG, catalogue
from core.claim import Decision, taught_breed
from db.chat.chat_records import FeedbackRecord, PredictionRecord, ReviewRecord
from db.errors import AlreadyDecided, RowMissing
from db.learning.learning_records import ReviewItem
from db.unit import Unit

PUT_OFF: Final = timedelta(hours=20)  # a skipped claim is for tomorrow, not for the end of this round


class UnknownBreed(Exception):
    """No label of that name."""


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision and what it is about; `again`: it stood already, by this very reviewer, and nothing was written."""

    review: ReviewRecord
    claim: FeedbackRecord
    answer: PredictionRecord
    again: bool = False

    @property
    def label(self) -> str | None:
        """What the claim teaches where it is accepted."""
        claim, answer = self.claim, self.answer
        return taught_breed(claim.verdict, claim.breed, self.review.breed, answer.kind, answer.top)


async def decide(
    unit: Unit,
    event_id: int,
    decision: Decision,
    reviewer: str,
    *,
    breed: str | None = None,
    reason: str | None = None,
) -> Decided:
    """Accept, reject or reopen a claim; the same decision by the same reviewer twice is once.

    Args:
        unit: may write.
        event_id: of the claim.
        decision: `reopened` takes back the decision that stands, whoever took it.
        reviewer: who decides.
        breed: what it is, where that differs from the claim: a slug or `not_a_dog`.
        reason: why, in a line.

    Raises:
        UnknownBreed: nothing was looked at.
        AlreadyDecided, BreedNeeded, RowMissing: see `Reviews.decide`.
    """
    if breed is not None and breed not in catalogue() and breed != NOT_A_DOG:
        raise UnknownBreed(f"{breed!r} is no breed of the catalogue; `breedbot breeds --search` finds its slug")
    again = False
    try:
        review = await unit.reviews.decide(event_id, decision, reviewer=reviewer, breed=breed, reason=reason)
    except AlreadyDecided as error:
        review, again = error.standing, True
        if (review.reviewer, review.decision, review.breed) != (reviewer, decision, breed):
            raise
    found = await decided(unit, review, again=again)
    if found is None:
        raise RowMissing(f"claim {event_id} is not in the database; its user may have been forgotten")
    return found


async def decided(unit: Unit, review: ReviewRecord, *, again: bool = False) -> Decided | None:
    """What a decision is about; None: its claim was forgotten."""
    claim = await unit.feedback.get(review.feedback_event_id)
    answer = await unit.predictions.get(claim.prediction_id) if claim is not None else None
    return None if claim is None or answer is None else Decided(review, claim, answer, again)


async def put_off(unit: Unit, event_id: int, now: datetime) -> ReviewItem:
    """Leave a claim for tomorrow, for everybody. Raises AlreadyDecided, or RowMissing: it does not wait."""
    item = await _waiting(unit, event_id)
    await unit.review_queue.skip(event_id, now + PUT_OFF)
    return item


async def take_back(unit: Unit, event_id: int, reviewer: str, now: datetime) -> ReviewItem:
    """Let a claim wait again that this reviewer decided about or put off.

    Raises:
        AlreadyDecided: somebody else's decision stands.
        RowMissing: the claim counts no more.
    """
    standing = await _standing(unit, event_id)
    if standing is not None and standing.reviewer != reviewer:
        raise AlreadyDecided(standing)
    if standing is not None:
        await unit.reviews.decide(event_id, Decision.REOPENED, reviewer=reviewer)
    await unit.review_queue.skip(event_id, now)
    return await _waiting(unit, event_id)


async def _waiting(unit: Unit, event_id: int) -> ReviewItem:
    item = await unit.review_queue.get(event_id)
    if item is not None:
        return item
    standing = await _standing(unit, event_id)
    raise AlreadyDecided(standing) if standing is not None else RowMissing(f"claim {event_id} does not wait any more")


async def _standing(unit: Unit, event_id: int) -> ReviewRecord | None:
    latest = await unit.reviews.latest(event_id)
    return latest if latest is not None and latest.decision is not Decision.REOPENED else None
