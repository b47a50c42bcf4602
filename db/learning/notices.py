"""What people are to be told of their claims: what became of each, and that it is part of a model."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, and_, func, literal, or_, select, true, tuple_, update

from core.breeds.catalogue import NOT_A_DOG
from core.claim import Verdict
from db.column_types import UtcDateTime
from db.errors import RowMissing
from db.learning.claim_status import POLICY
from db.learning.learning_records import ClaimNotice, ThanksRecord
from db.repository import Repository, insert
from db.tables import AWAKE_ANSWER, UNSENT, claim_notices, feedback_events, model_evidence, reviews, thanks, users

# A name that the catalogue lacks is mapped to a breed by a reviewer, and still its person's.
_THEIRS = or_(
    reviews.c.breed.is_(None),
    reviews.c.breed == feedback_events.c.breed,
    and_(reviews.c.breed == NOT_A_DOG, feedback_events.c.verdict == Verdict.NOT_A_DOG),
    feedback_events.c.verdict == Verdict.OTHER,
)


class ClaimNotices(Repository):
    """What became of a claim: in its message, and where it taught nothing, in a word. Each decision makes it due."""

    async def decided(self, event_id: int) -> None:
        """Something was decided about this claim."""
        due = {"next_try_at": self._now(), "tries": 0, "error": None}
        fresh = insert(claim_notices).values(feedback_event_id=event_id, **due)
        await self._execute(fresh.on_conflict_do_update(index_elements=[claim_notices.c.feedback_event_id], set_=due))

    async def due(self, limit: int, settled: timedelta) -> list[ClaimNotice]:
        """Those whose last decision has stood for so long that it will hardly be undone, longest first."""
        c = claim_notices.c
        page = select(claim_notices).where(AWAKE_ANSWER, c.next_try_at <= self._now() - settled)
        return await self._all(ClaimNotice, page.order_by(c.next_try_at, c.feedback_event_id).limit(limit))

    async def later(self, event_id: int, at: datetime, error: str) -> None:
        """It could not be said: when it is tried next, and why."""
        this = update(claim_notices).where(claim_notices.c.feedback_event_id == event_id, AWAKE_ANSWER)
        await self._execute(this.values(next_try_at=at, tries=claim_notices.c.tries + 1, error=error[:500]))

    async def told(self, notice: ClaimNotice) -> None:
        """Its person has been told that nothing was learned from it, once and for all."""
        this = update(claim_notices).where(claim_notices.c.feedback_event_id == notice.feedback_event_id)
        await self._execute(this.values(told_at=self._now()))

    async def said(self, notice: ClaimNotice) -> None:
        """The message says it. A decision that came meanwhile is still to be said."""
        c = claim_notices.c
        this = update(claim_notices).where(
            c.feedback_event_id == notice.feedback_event_id, c.next_try_at == notice.next_try_at
        )
        await self._execute(this.values(next_try_at=None, tries=0, error=None))


class Thanks(Repository):
    """Thanks by person and model: to be said once, and to nobody who does not want it."""

    async def add(self, model_id: str) -> int:
        """Note everybody whose claims made this model and were not spoken of before; how many people.

        Where a reviewer said that the photo shows something else, the reviewer has taught it.
        """
        people = (
            _taught(model_id)
            .add_columns(feedback_events.c.user_id, literal(model_id), func.count())
            .add_columns(literal(self._now(), UtcDateTime()))
            .where(users.c.wants_thanks == true(), users.c.banned_at.is_(None))
            .group_by(feedback_events.c.user_id)
        )
        fresh = insert(thanks).from_select(["user_id", "model_id", "events", "next_try_at"], people)
        return await self._run(fresh.on_conflict_do_nothing())

    async def accepted_by(self, user_id: int, model_id: str) -> tuple[int, int]:
        """How many of this person's claims in that model people accepted, and how many the trust policy did.

        As `add` counts them, less those that were forgotten meanwhile.
        """
        counts = _taught(model_id).add_columns(
            func.count().filter(func.coalesce(reviews.c.reviewer, "") != POLICY).label("people"),
            func.count().filter(reviews.c.reviewer == POLICY).label("rule"),
        )
        found = (await self._execute(counts.where(feedback_events.c.user_id == user_id))).one()
        return int(found.people), int(found.rule)

    async def due(self, limit: int) -> list[ThanksRecord]:
        """Those that are due, to people who (still) want to hear them, longest first."""
        unsent = (
            select(thanks)
            .join(users, users.c.id == thanks.c.user_id)
            .where(UNSENT, users.c.wants_thanks == true(), users.c.banned_at.is_(None))
            .where(thanks.c.next_try_at <= self._now())
        )
        in_order = (thanks.c.next_try_at, thanks.c.user_id, thanks.c.model_id)
        return await self._all(ThanksRecord, unsent.order_by(*in_order).limit(limit))

    async def adopt(self) -> None:
        """Take up what a bot of an older version stored, which knows no due times."""
        await self._execute(
            update(thanks).where(UNSENT, thanks.c.next_try_at.is_(None)).values(next_try_at=self._now())
        )

    async def later(self, key: tuple[int, str], at: datetime, error: str, *, failed: bool = True) -> None:  # noqa: ARG002
        """It could not be said: when it is tried next, and why. `key`: person and model."""
        this = update(thanks).where(tuple_(thanks.c.user_id, thanks.c.model_id) == key, UNSENT)
        await self._execute(this.values(next_try_at=at, tries=thanks.c.tries + 1, error=error[:500]))

    async def sent(self, user_id: int, model_id: str) -> None:
        """It was said, or never will be (the person has blocked the bot). Raises RowMissing if there is no such one."""
        this = update(thanks).where(thanks.c.user_id == user_id, thanks.c.model_id == model_id)
        if not await self._run(this.values(sent_at=func.coalesce(thanks.c.sent_at, self._now()))):
            raise RowMissing(f"no thanks to user {user_id} for model {model_id}; the user may have been forgotten")


def _taught(model_id: str) -> Select[Any]:
    """The claims that taught this model what they say, and that no thanks for another model spoke of."""
    spoken_of, earlier = thanks.alias(), model_evidence.alias()
    thanked = (
        select(earlier.c.feedback_event_id)
        .join(spoken_of, spoken_of.c.model_id == earlier.c.model_id)
        .where(
            earlier.c.feedback_event_id == model_evidence.c.feedback_event_id,
            earlier.c.model_id != model_id,
            spoken_of.c.user_id == feedback_events.c.user_id,
        )
    )
    return (
        select()
        .select_from(model_evidence)
        .join(feedback_events, feedback_events.c.id == model_evidence.c.feedback_event_id)
        .join(users, users.c.id == feedback_events.c.user_id)
        .outerjoin(reviews, reviews.c.id == model_evidence.c.review_id)
        .where(model_evidence.c.model_id == model_id, _THEIRS, ~thanked.exists())
    )
