"""The numbers of the dashboard: from a bounded sample of the database, so that a million rows cost no more."""

from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from enum import Enum
from statistics import fmean, quantiles
from typing import Final

from core.claim import answered_breed
from core.clock import Clock
from core.prediction import Kind
from db.admin.activity import JobSample, SaidLately
from db.admin.waiting import StageStatus
from db.chat.chat_records import JobStatus, ModelVersionRecord
from db.database import Database
from db.learning.claim_status import CORRECTIONS, OPINIONS
from db.learning.learning_records import RetrainRecord
from db.learning.review_queue import COUNTED

SAMPLED: Final = 80  # answers of each bar
CLAIMS: Final = 2000  # that shares are taken of
RETRAINS: Final = 6
WORTH_SHOWING: Final = 5  # answers, or opinions: fewer are not even counted
TELLING: Final = 0.3  # wider intervals tell nothing
KEPT_MOMENTS: Final = 1000
FAILED: Final = "failed"
KINDS: Final = (*(kind.value for kind in Kind), FAILED)


class Span(Enum):
    """How far back one looks: so many bars of such a length."""

    DAY = (24, timedelta(hours=1))
    WEEK = (28, timedelta(hours=6))
    MONTH = (30, timedelta(days=1))

    def moments(self, now: datetime, zone: tzinfo = UTC) -> list[datetime]:
        """The beginnings of all bars, and the end of the last, which holds `now`; days begin at midnight there."""
        count, step = self.value
        begin = datetime(1970, 1, 1, tzinfo=UTC) - (now.astimezone(zone).utcoffset() or timedelta())
        last = begin + (now - begin) // step * step
        return [last + (place - count + 1) * step for place in range(count + 1)]


@dataclass(frozen=True, slots=True)
class Bar:
    """What came within one stretch of time.

    Attributes:
        start: its beginning.
        photos: how many came.
        kinds: how many of them were answered how, extrapolated from the sample.
        p50_s, p95_s: from a photo's arrival to its answer; None: nothing was answered.
        sure: confidences of the best breeds: low (10 %), mean, high (90 %); None: no breed was named.
    """

    start: datetime
    photos: int
    kinds: dict[str, float]
    p50_s: float | None
    p95_s: float | None
    sure: tuple[float, float, float] | None


@dataclass(frozen=True, slots=True)
class WrongShare:
    """❌ among the opinions about one model, or about one breed."""

    name: str
    wrong: int
    said: int

    @property
    def share(self) -> float:
        """0–1."""
        return self.wrong / self.said

    @property
    def tells(self) -> bool:
        """Whether so many opinions say something: the share is known within fifteen points."""
        low, high = self.interval
        return high - low <= TELLING

    @property
    def interval(self) -> tuple[float, float]:
        """Where the share surely (95 %) is, after E. B. Wilson, JASA 22 (1927), p. 209."""
        z2, n = 1.96**2, self.said
        centre = (self.wrong + z2 / 2) / (n + z2)
        half = 1.96 / (n + z2) * (self.wrong * (n - self.wrong) / n + z2 / 4) ** 0.5
        return max(0.0, centre - half), min(1.0, centre + half)


@dataclass(frozen=True, slots=True)
class Overview:
    """Everything that the database knows.

    Attributes:
        drift: mean confidence of the last quarter less that of the time before.
        opinions, models, breeds: of the claims from number `said_from` on.
    """

    bars: tuple[Bar, ...]
    p50_s: float | None
    p95_s: float | None
    sure: float | None
    drift: float | None
    opinions: WrongShare | None
    models: tuple[WrongShare, ...]
    breeds: tuple[WrongShare, ...]
    said_from: int
    queued: int
    oldest_s: float
    unsent: int
    to_review: int
    to_review_more: bool
    retrains: tuple[RetrainRecord, ...]
    promoted: tuple[ModelVersionRecord, ...]
    champion: ModelVersionRecord | None
    stages: tuple[StageStatus, ...]


class Overviews:
    """Looks them up. Where a moment of the past is among the jobs does not change, and is remembered."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._ids: dict[datetime, int] = {}

    async def look(self, span: Span, zone: tzinfo = UTC) -> Overview:
        """`zone`: where days begin. Raises DatabaseError."""
        now = self._clock()
        moments = span.moments(now, zone)
        async with self._database.unit(read_only=True) as unit:
            ids = await self._first_ids(moments, now, unit.activity.first_ids)
            samples = await unit.activity.samples(ids, SAMPLED)
            said = await unit.activity.said_lately(CLAIMS)
            oldest = await unit.jobs.oldest_queued_at()
            waiting = await unit.review_queue.count()
            models = await unit.model_versions.list()
            counts = (await unit.jobs.count_pending(), await unit.jobs.count_unanswered())
            retrains = await unit.retrains.last(RETRAINS)
            stages = await unit.waiting.stages()
        flat = [one for sample in samples for one in sample]
        times, sure = _latencies(flat), [_sure(sample) for sample in samples]
        bars = zip(moments, ids, ids[1:], samples, sure, strict=False)
        return Overview(
            bars=tuple(_bar(start, end - first, sample, surely) for start, first, end, sample, surely in bars),
            p50_s=_quantile(times, 50),
            p95_s=_quantile(times, 95),
            sure=fmean(known) if (known := [one for some in sure for one in some]) else None,
            drift=_drift(sure),
            opinions=next(iter(_shares(said, lambda _: "")), None),
            models=tuple(_shares(said, lambda one: one.model_id)),
            breeds=tuple(_shares(said, lambda one: answered_breed(one.kind, one.top) or "")),
            said_from=min((one.event_id for one in said), default=0),
            queued=counts[0],
            oldest_s=max(0.0, (now - oldest).total_seconds()) if oldest is not None else 0.0,
            unsent=counts[1],
            to_review=waiting,
            to_review_more=waiting >= COUNTED,
            retrains=tuple(retrains),
            promoted=tuple(one for one in models if one.promoted_at is not None and one.promoted_at >= moments[0]),
            champion=next((one for one in models if one.promoted_at is not None and one.retired_at is None), None),
            stages=tuple(stages),
        )

    async def _first_ids(
        self, moments: Sequence[datetime], now: datetime, find: Callable[[Sequence[datetime]], Awaitable[list[int]]]
    ) -> list[int]:
        unknown = [moment for moment in moments if moment not in self._ids]
        found = dict(zip(unknown, await find(unknown), strict=True)) if unknown else {}
        ids = [found.get(moment) or self._ids[moment] for moment in moments]
        if len(self._ids) > KEPT_MOMENTS:
            self._ids.clear()
        # A photo that came a moment ago may still be on its way into the database.
        self._ids |= {moment: one for moment, one in found.items() if moment < now - timedelta(minutes=5)}
        return ids


def _bar(start: datetime, photos: int, sample: Sequence[JobSample], sure: Sequence[float]) -> Bar:
    kinds = Counter(kind for one in sample if (kind := _kind(one)) is not None)
    scale = photos / len(sample) if sample else 0.0
    times = _latencies(sample)
    return Bar(
        start=start,
        photos=photos,
        kinds={kind: kinds[kind] * scale for kind in KINDS},
        p50_s=_quantile(times, 50),
        p95_s=_quantile(times, 95),
        sure=(_quantile(sure, 10) or 0.0, fmean(sure), _quantile(sure, 90) or 0.0) if sure else None,
    )


def _kind(job: JobSample) -> str | None:
    """None: it still waits."""
    if job.status is JobStatus.FAILED:
        return FAILED
    return job.kind.value if job.kind is not None else None


def _latencies(sample: Sequence[JobSample]) -> list[float]:
    """Seconds from arrival to answer."""
    return [(one.answered_at - one.created_at).total_seconds() for one in sample if one.answered_at is not None]


def _sure(sample: Sequence[JobSample]) -> list[float]:
    """How sure the model was of the best breed, where it saw a dog."""
    dogs = (one.top for one in sample if one.kind in {Kind.BREED, Kind.UNSURE})
    return [top[0].confidence for top in dogs if top]


def _quantile(values: Sequence[float], percent: int) -> float | None:
    if len(values) < 2:
        return values[0] if values else None
    return quantiles(values, n=100, method="inclusive")[percent - 1]


def _drift(sure: Sequence[Sequence[float]]) -> float | None:
    """Of the last quarter of the time against what was before."""
    border = len(sure) * 3 // 4
    before = [one for some in sure[:border] for one in some]
    since = [one for some in sure[border:] for one in some]
    return fmean(since) - fmean(before) if len(since) >= WORTH_SHOWING and len(before) >= WORTH_SHOWING else None


def _shares(said: Sequence[SaidLately], name: Callable[[SaidLately], str]) -> Iterator[WrongShare]:
    """By name, the highest share first; names that hardly anybody had an opinion about are left out."""
    wrong, opinions = Counter[str](), Counter[str]()
    for one in said:
        if one.verdict in OPINIONS:
            opinions[name(one)] += 1
            wrong[name(one)] += one.verdict in CORRECTIONS
    found = [WrongShare(each, wrong[each], count) for each, count in opinions.items() if count >= WORTH_SHOWING]
    yield from sorted(found, key=lambda one: (-one.share, -one.said, one.name))
