"""What claims and decisions amount to now: which claims wait, which are accepted, and the counts of both.

Written in the transaction that adds the claim or the decision, so that reading it never searches through history.
Callers hold the lock on the claim's prediction. A claim about a photo that may not be kept does neither: it begins to
when its person consents while the photo is still there.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Select, and_, delete, false, func, select, update

from core.claim import Decision, Verdict, answered_breed, claimed_label, taught_breed
from core.prediction import BreedScore, Kind
from core.review_priority import WAITING, review_priority
from db.chat.chat_records import ERASED, Consent, FeedbackRecord, ReviewRecord
from db.repository import Repository, insert
from db.tables import (
    accepted_claims,
    accepted_counts,
    contributors,
    feedback_events,
    predictions,
    review_queue,
    reviews,
    users,
)

CORRECTIONS = frozenset({Verdict.CORRECT, Verdict.NOT_A_DOG, Verdict.OTHER})
OPINIONS = CORRECTIONS | {Verdict.CONFIRM}
POLICY = "policy"
GATE = "gate"  # sets aside what a model was worse for


@dataclass(frozen=True, slots=True)
class Answer:
    """What of a prediction a claim is weighed against. `kept`: its photo is there, and may be learned from."""

    id: int
    kind: Kind
    top: tuple[BreedScore, ...]
    not_a_dog: float
    kept: bool


KEPT = and_(users.c.consent == Consent.YES, predictions.c.photo_sha256 != ERASED)


class Standing(Repository):
    """Kept by `Feedback`, `Reviews`, `Consents`, `Retention` and `Users.forget`; nobody else writes these tables."""

    async def lock(self, prediction_id: int) -> Answer | None:
        """On PostgreSQL two taps wait for each other here; on SQLite a unit that writes is alone anyway."""
        c = predictions.c
        row = select(c.id, c.kind, c.top, c.not_a_dog, func.coalesce(KEPT, false()).label("kept"))
        row = row.join(users, users.c.id == c.user_id).where(c.id == prediction_id)
        return await self._first(Answer, row.with_for_update(of=predictions))

    async def claimed(self, claim: FeedbackRecord, before: FeedbackRecord | None, about: Answer) -> None:
        """`claim` was added and counts now, instead of what the same person had said `before`."""
        if before is not None:
            await self._leave(before.id)
        if about.kept:
            await self._wait(claim, about)
        change = (claim.verdict in CORRECTIONS) - (before is not None and before.verdict in CORRECTIONS)
        if change:
            await self._tally(claim.user_id, corrections=change)

    async def decided(
        self, claim: FeedbackRecord, about: Answer, before: ReviewRecord | None, review: ReviewRecord, *, counts: bool
    ) -> None:
        """`review` was added after `before`. `counts`: the claim is its person's last word."""
        await self._leave(claim.id)
        if counts and about.kept and review.decision is Decision.ACCEPTED:
            await self._accept(claim, about, review)
        if counts and about.kept and review.decision is Decision.REOPENED:
            await self._wait(claim, about)
        claimed = claimed_label(claim.verdict, claim.breed, about.kind, about.top)
        change: dict[str, int] = {}
        for one, by in ((before, -1), (review, 1)):
            if one is not None and (column := _counted(one, claim.verdict, claimed)) is not None:
                change[column] = change.get(column, 0) + by
        if any(change.values()):
            await self._tally(claim.user_id, **change)

    async def withhold(self, user_id: int) -> None:
        """None of a person's claims waits or is accepted any more."""
        # A decision about one of them that is under way is waited for, and a later one finds nothing.
        await self._execute(select(predictions.c.id).where(predictions.c.user_id == user_id).with_for_update())
        await self._leave_all(select(feedback_events.c.id).where(feedback_events.c.user_id == user_id))

    async def withhold_about(self, prediction_ids: Sequence[int]) -> None:
        """No claim about these answers waits or is accepted any more."""
        theirs = predictions.c.id.in_(prediction_ids)
        await self._execute(select(predictions.c.id).where(theirs).order_by(predictions.c.id).with_for_update())
        about = feedback_events.c.prediction_id.in_(prediction_ids)
        await self._leave_all(select(feedback_events.c.id).where(about))

    async def release(self, user_id: int) -> None:
        """A person's claims whose photos are kept wait again, or count as they were decided."""
        later = feedback_events.alias()
        replaced = select(later.c.id).where(
            later.c.prediction_id == feedback_events.c.prediction_id,
            later.c.user_id == feedback_events.c.user_id,
            later.c.id > feedback_events.c.id,
        )
        counting = (
            select(feedback_events)
            .join(predictions, predictions.c.id == feedback_events.c.prediction_id)
            .where(feedback_events.c.user_id == user_id, predictions.c.photo_sha256 != ERASED, ~replaced.exists())
        )
        for claim in await self._all(FeedbackRecord, counting.order_by(feedback_events.c.id)):
            about = await self.lock(claim.prediction_id)
            if about is not None and about.kept:
                await self._stand(claim, about)

    async def _stand(self, claim: FeedbackRecord, about: Answer) -> None:
        """As if its last decision, or the claim itself, had come just now."""
        last = select(reviews).where(reviews.c.feedback_event_id == claim.id).order_by(reviews.c.id.desc()).limit(1)
        review = await self._first(ReviewRecord, last)
        await self._leave(claim.id)
        if review is None or review.decision is Decision.REOPENED:
            await self._wait(claim, about)
        elif review.decision is Decision.ACCEPTED and claim.verdict is not Verdict.WITHDRAWN:
            await self._accept(claim, about, review)

    async def _wait(self, claim: FeedbackRecord, about: Answer) -> None:
        if claim.verdict not in WAITING:
            return
        label = claimed_label(claim.verdict, claim.breed, about.kind, about.top)
        known = select(accepted_counts.c.accepted).where(accepted_counts.c.breed == label)
        priority = review_priority(
            claim.verdict,
            claim.breed,
            kind=about.kind,
            top=about.top,
            not_a_dog=about.not_a_dog,
            accepted=int(await self._value(known) or 0) if label is not None else 0,
        )
        waiting = insert(review_queue).values(
            feedback_event_id=claim.id,
            prediction_id=claim.prediction_id,
            user_id=claim.user_id,
            rank=-priority,
            breed=claim.breed,
            created_at=claim.created_at,
        )
        await self._execute(waiting.on_conflict_do_nothing())

    async def _accept(self, claim: FeedbackRecord, about: Answer, review: ReviewRecord) -> None:
        label = taught_breed(claim.verdict, claim.breed, review.breed, about.kind, about.top)
        correction = claim.verdict is not Verdict.CONFIRM or label != answered_breed(about.kind, about.top)
        accepted = insert(accepted_claims).values(
            feedback_event_id=claim.id,
            review_id=review.id,
            breed=label,
            correction=correction,
            accepted_at=review.created_at,
        )
        await self._execute(accepted)
        if label is not None:
            one = insert(accepted_counts).values(breed=label, accepted=1, corrections=int(correction))
            more = {
                "accepted": accepted_counts.c.accepted + 1,
                "corrections": accepted_counts.c.corrections + int(correction),
            }
            await self._execute(one.on_conflict_do_update(index_elements=[accepted_counts.c.breed], set_=more))

    async def _leave(self, event_id: int) -> None:
        """The claim neither waits nor is accepted any more."""
        await self._leave_all(select(feedback_events.c.id).where(feedback_events.c.id == event_id))

    async def _leave_all(self, event_ids: Select[tuple[int]]) -> None:
        await self._execute(delete(review_queue).where(review_queue.c.feedback_event_id.in_(event_ids)))
        gone = delete(accepted_claims).where(accepted_claims.c.feedback_event_id.in_(event_ids))
        left = await self._execute(gone.returning(accepted_claims.c.breed, accepted_claims.c.correction))
        await self._uncount([(row.breed, row.correction) for row in left])

    async def _uncount(self, left: Sequence[tuple[str | None, bool]]) -> None:
        # In one order everywhere, so that two units that wait for each other's rows are rare.
        for label in sorted({label for label, _ in left if label is not None}):
            corrections = [correction for one, correction in left if one == label]
            fewer = {
                "accepted": accepted_counts.c.accepted - len(corrections),
                "corrections": accepted_counts.c.corrections - sum(corrections),
            }
            await self._execute(update(accepted_counts).where(accepted_counts.c.breed == label).values(fewer))

    async def _tally(self, user_id: int, **change: int) -> None:
        first = {column.name: 0 for column in contributors.c} | change | {"user_id": user_id}
        sums = {name: contributors.c[name] + by for name, by in change.items()}
        upsert = insert(contributors).values(first)
        await self._execute(upsert.on_conflict_do_update(index_elements=[contributors.c.user_id], set_=sums))


def _counted(review: ReviewRecord, verdict: Verdict, claimed: str | None) -> str | None:
    """In which column of `contributors`; `claimed`: the label, if the claim names one.

    A claim that a person put right was as wrong as one that they rejected. What people set aside, with a whole model,
    is nobody's fault, and who did not know said nothing that could be right.
    """
    if review.decision is Decision.REOPENED or verdict is Verdict.DONT_KNOW:
        return None
    if review.decision is Decision.SET_ASIDE:
        return "set_aside" if review.reviewer == GATE else None
    decision = Decision.REJECTED if review.put_right(claimed) else review.decision
    return ("policy_" if review.reviewer == POLICY else "") + decision.value
