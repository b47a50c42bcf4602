"""What moderators, or the trust policy, decided about claims. The last decision counts."""

from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime

from sqlalchemy import Integer, cast, func, select, update

from core.claim import Decision, Verdict
from db.chat.chat_records import FeedbackRecord, ReviewRecord
from db.errors import AlreadyDecided, BreedNeeded, RowMissing
from db.learning.claim_status import Answer, Standing
from db.learning.learning_records import AcceptedTally, ReviewCounts
from db.learning.notices import ClaimNotices
from db.repository import Repository, chunks, insert
from db.tables import accepted_claims, contributors, feedback_events, predictions, reviews

MODERATOR = "moderator:"
_COUNTED = ("user_id", "accepted", "rejected", "policy_accepted", "policy_rejected", "set_aside")
_COUNTS = [contributors.c[name] for name in _COUNTED]
_NEEDS_A_BREED = {Verdict.OTHER, Verdict.DONT_KNOW}


class Reviews(Repository):
    """Decisions by feedback event, only ever added."""

    async def decide(
        self,
        event_id: int,
        decision: Decision,
        *,
        reviewer: str,
        breed: str | None = None,
        reason: str | None = None,
    ) -> ReviewRecord:
        """Decide about a claim that counts, or reopen one. Of two who decide at once one is told of the other.

        Args:
            event_id: of the claim.
            decision: `reopened` takes back the decision that stands.
            reviewer: "moderator:<id>", "policy" or "cli".
            breed: what it is, where that differs from the claim; needed to accept what names no breed of the catalogue.
            reason: why, in a line.

        Raises:
            RowMissing: the claim was replaced, withdrawn or forgotten, its photo may not be kept, or there is nothing
                to take back.
            AlreadyDecided: a decision stands.
            BreedNeeded: nothing could be learned from it.
        """
        claim, about, last_word = await self._claim(event_id)
        if last_word != claim.id or claim.verdict is Verdict.WITHDRAWN:
            raise RowMissing(f"claim {event_id} no longer counts: its user has said something else since")
        if not about.kept:
            raise RowMissing(
                f"claim {event_id} waits: its user has not consented to their photo being kept, or it is gone"
            )
        before = await self.latest(event_id)
        stands = before is not None and before.decision is not Decision.REOPENED
        if decision is Decision.REOPENED and not stands:
            raise RowMissing(f"claim {event_id} has no decision to take back")
        if decision is not Decision.REOPENED and before is not None and stands:
            raise AlreadyDecided(before)
        if decision is Decision.ACCEPTED and breed is None and claim.verdict in _NEEDS_A_BREED:
            raise BreedNeeded(f"claim {event_id} ({claim.verdict}) names no breed; accept it with one")
        review = await self._append(event_id, decision, reviewer, breed, reason)
        await self._standing().decided(claim, about, before, review, counts=True)
        return review

    async def add(
        self,
        *,
        feedback_event_id: int,
        decision: Decision,
        reviewer: str,
        breed: str | None = None,
        reason: str | None = None,
    ) -> ReviewRecord:
        """Add a decision, whatever stands; `decide` is for people who may not know of each other.

        `reviewer` says who, `breed` what it is where that differs from the claim. Raises RowMissing without the claim.
        """
        claim, about, last_word = await self._claim(feedback_event_id)
        before = await self.latest(feedback_event_id)
        review = await self._append(feedback_event_id, decision, reviewer, breed, reason)
        counts = last_word == claim.id and claim.verdict is not Verdict.WITHDRAWN
        await self._standing().decided(claim, about, before, review, counts=counts)
        return review

    async def set_aside(self, event_ids: Iterable[int], *, reviewer: str, reason: str) -> list[int]:
        """Let accepted claims teach nothing any more, until `restore`; which of them were, and count no more."""
        return await self._turned(event_ids, Decision.ACCEPTED, Decision.SET_ASIDE, reviewer, reason)

    async def restore(self, event_ids: Iterable[int], *, reviewer: str, reason: str | None = None) -> list[int]:
        """Accept again what was set aside, as it had been; which of them were. `reviewer` answers for it now."""
        return await self._turned(event_ids, Decision.SET_ASIDE, Decision.ACCEPTED, reviewer, reason)

    async def _turned(
        self, event_ids: Iterable[int], before: Decision, after: Decision, reviewer: str, reason: str | None
    ) -> list[int]:
        turned: list[int] = []
        for event_id in sorted(set(event_ids)):
            standing = await self.latest(event_id)
            if standing is None or standing.decision is not before:
                continue
            with suppress(RowMissing):  # forgotten just now
                await self.add(
                    feedback_event_id=event_id, decision=after, reviewer=reviewer, breed=standing.breed, reason=reason
                )
                turned.append(event_id)
        return turned

    async def latest(self, feedback_event_id: int) -> ReviewRecord | None:
        """The decision that counts, or None; one that is `reopened` says that there is none."""
        newest = select(reviews).where(reviews.c.feedback_event_id == feedback_event_id)
        return await self._first(ReviewRecord, newest.order_by(reviews.c.id.desc()).limit(1))

    async def recent(self, reviewer: str | None = None, limit: int = 50) -> list[ReviewRecord]:
        """The last decisions, of everybody or of one reviewer, newest first."""
        newest = select(reviews).order_by(reviews.c.id.desc())
        if reviewer is not None:
            newest = select(reviews).where(reviews.c.reviewer == reviewer)
            newest = newest.order_by(reviews.c.created_at.desc(), reviews.c.id.desc())
        return await self._all(ReviewRecord, newest.limit(limit))

    async def by_user(self, user_id: int) -> ReviewCounts:
        """How this person's claims fared so far."""
        return (await self.by_users([user_id]))[user_id]

    async def by_users(self, user_ids: Iterable[int]) -> dict[int, ReviewCounts]:
        """The same for many; everybody asked for is in it."""
        found = {user_id: ReviewCounts(user_id) for user_id in user_ids}
        for some in chunks(found):
            known = await self._all(ReviewCounts, select(*_COUNTS).where(contributors.c.user_id.in_(some)))
            found |= {counts.user_id: counts for counts in known}
        return found

    async def accepted_by(self, reviewer: str, since: datetime) -> list[AcceptedTally]:
        """What this reviewer accepted since then and still stands, by person, label and photo; for caps."""
        by = feedback_events.c.user_id, accepted_claims.c.breed, predictions.c.photo_sha256
        corrections = func.sum(cast(accepted_claims.c.correction, Integer)).label("corrections")
        tally = (
            select(*by[:2], func.count().label("accepted"), by[2], corrections)
            .select_from(reviews)
            .join(accepted_claims, accepted_claims.c.feedback_event_id == reviews.c.feedback_event_id)
            .join(feedback_events, feedback_events.c.id == reviews.c.feedback_event_id)
            .join(predictions, predictions.c.id == feedback_events.c.prediction_id)
            .where(reviews.c.reviewer == reviewer, reviews.c.created_at >= since)
            .where(accepted_claims.c.review_id == reviews.c.id)
        )
        return await self._all(AcceptedTally, tally.group_by(*by))

    async def forget_reviewer(self, user_id: int) -> None:
        """A moderator's decisions stay; who made them goes."""
        theirs = update(reviews).where(reviews.c.reviewer == f"{MODERATOR}{user_id}")
        await self._execute(theirs.values(reviewer=f"{MODERATOR}forgotten"))

    async def count(self) -> int:
        """How many decisions there are."""
        return int(await self._value(select(func.count()).select_from(reviews)))

    async def _claim(self, event_id: int) -> tuple[FeedbackRecord, Answer, int]:
        """The claim, what it is about (locked), and the id of its person's last word about that."""
        query = select(feedback_events).where(feedback_events.c.id == event_id)
        claim = await self._first(FeedbackRecord, query)
        about = await self._standing().lock(claim.prediction_id) if claim is not None else None
        if claim is None or about is None:
            raise RowMissing(f"claim {event_id} is not in the database; its user may have been forgotten")
        last_word = select(func.max(feedback_events.c.id)).where(
            feedback_events.c.prediction_id == claim.prediction_id, feedback_events.c.user_id == claim.user_id
        )
        return claim, about, int(await self._value(last_word))

    async def _append(
        self, event_id: int, decision: Decision, reviewer: str, breed: str | None, reason: str | None
    ) -> ReviewRecord:
        fresh = insert(reviews).values(
            feedback_event_id=event_id,
            decision=Decision(decision),
            breed=breed,
            reviewer=reviewer,
            reason=reason,
            created_at=self._now(),
        )
        await ClaimNotices(self._connection, self._now).decided(event_id)
        [review] = await self._all(ReviewRecord, fresh.returning(reviews))
        return review

    def _standing(self) -> Standing:
        return Standing(self._connection, self._now)
