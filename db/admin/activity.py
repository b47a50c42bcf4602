"""What went on lately, for people who look after the bot: read around ids, so that a million rows cost no more.

Jobs are in the order of time, and their ids count up: how many photos came between two moments is the distance of two
ids, found by bisection. Of what became of them a bounded sample is read, evenly spread.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from sqlalchemy import and_, func, select

from core.claim import Verdict
from core.prediction import BreedScore, Kind
from db.chat.chat_records import JobStatus
from db.learning.claim_status import KEPT
from db.repository import Repository, chunks
from db.tables import feedback_events, jobs, predictions, users


@dataclass(frozen=True, slots=True)
class JobSample:
    """One job; what was answered is None where there is no answer (yet)."""

    id: int
    status: JobStatus
    failure: str | None
    created_at: datetime
    answered_at: datetime | None
    kind: Kind | None
    top: tuple[BreedScore, ...] | None
    model_id: str | None


@dataclass(frozen=True, slots=True)
class SaidLately:
    """One person's last word about one answer."""

    event_id: int
    prediction_id: int
    user_id: int
    verdict: Verdict
    model_id: str
    kind: Kind
    top: tuple[BreedScore, ...]


class Activity(Repository):
    """For the dashboard."""

    async def first_ids(self, moments: Sequence[datetime]) -> list[int]:
        """For each moment the id of the first job from then on; one after the last where there is none yet.
        Where jobs are gone, any id of the gap is as good.

        All are searched for at the same time: one statement halves every distance.
        """
        first = int(await self._value(select(func.min(jobs.c.id))) or 1)
        newest = (await self._execute(select(jobs.c.id, jobs.c.created_at).order_by(jobs.c.id.desc()).limit(1))).first()
        if newest is None:
            return [first] * len(moments)
        # Moments to come, as the end of today is one, need no search.
        low = [newest.id + 1 if moment > newest.created_at else first for moment in moments]
        high = [newest.id + 1] * len(moments)
        while any(a < b for a, b in zip(low, high, strict=True)):
            middle = [(a + b) // 2 for a, b in zip(low, high, strict=True)]
            times = await self._times(middle)
            for place, (moment, time) in enumerate(zip(moments, times, strict=True)):
                if low[place] >= high[place]:
                    continue
                if time is not None and time < moment:
                    low[place] = middle[place] + 1
                else:
                    high[place] = middle[place]
        return low

    async def samples(self, bounds: Sequence[int], most: int) -> list[list[JobSample]]:
        """Between each two neighbours of `bounds`, ids of jobs, up to `most` of those from the one up to the other.

        They are evenly spread.
        """
        wanted = [_spread(first, end, most) for first, end in pairwise(bounds)]
        found: dict[int, JobSample] = {}
        for some in chunks(one for ids in wanted for one in ids):
            found |= {job.id: job for job in await self._all(JobSample, _JOBS.where(jobs.c.id.in_(some)))}
        return [[found[one] for one in ids if one in found] for ids in wanted]

    async def said_lately(self, limit: int) -> list[SaidLately]:
        """Among the last `limit` claims what counts of each person about each answer, newest first.

        Claims about photos that may not be kept, or are gone, are nobody's business any more and left out.
        """
        c = feedback_events.c
        newest = select(c.id, c.prediction_id, c.user_id, c.verdict).order_by(c.id.desc()).limit(limit).subquery()
        said = (
            select(
                newest.c.id.label("event_id"),
                newest.c.prediction_id,
                newest.c.user_id,
                newest.c.verdict,
                predictions.c.model_id,
                predictions.c.kind,
                predictions.c.top,
            )
            .select_from(newest)
            .join(predictions, predictions.c.id == newest.c.prediction_id)
            .join(users, users.c.id == predictions.c.user_id)
            .where(KEPT)
            .order_by(newest.c.id.desc())
        )
        last: dict[tuple[int, int], SaidLately] = {}
        for one in await self._all(SaidLately, said):
            last.setdefault((one.prediction_id, one.user_id), one)
        return list(last.values())

    async def _times(self, ids: Sequence[int]) -> Sequence[datetime | None]:
        """When the first job from each id on came."""
        each = [
            select(jobs.c.created_at).where(jobs.c.id >= one).order_by(jobs.c.id).limit(1).scalar_subquery()
            for one in ids
        ]
        row = (await self._execute(select(*each))).one()
        return tuple(row)


def _spread(first: int, end: int, most: int) -> Sequence[int]:
    count = end - first
    return [first + place * count // most for place in range(most)] if count > most else range(first, end)


_JOBS = select(
    jobs.c.id,
    jobs.c.status,
    jobs.c.failure,
    jobs.c.created_at,
    jobs.c.answered_at,
    predictions.c.kind,
    predictions.c.top,
    predictions.c.model_id,
).select_from(jobs.outerjoin(predictions, and_(predictions.c.job_id == jobs.c.id, predictions.c.dog == 0)))
