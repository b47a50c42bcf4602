"""How long reviewing takes beside a few and beside very many claims: `breedbot bench feedback`."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from rich.table import Table

from breedbot.bench.learning.feedback_rows import (
    CLAIMS_EACH,
    claimed_answers,
    fill_with_feedback,
    let_everybody_consent,
    remember_what_waits,
)
from core.claim import Decision, Verdict
from core.clock import utc_now
from db import migrate
from db.database import Database
from db.unit import Unit
from db.url import sqlite_url

ROWS = 1_000_000
FEW = 10_000  # of which 1,000 are accepted, as many as one page takes
RUNS = 50
SKIPPED = 500
FIRST = "0001"
STEPS = 3
Work = Callable[[Unit], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Timing:
    """How long one unit takes, from its beginning to its end on the disk."""

    few_ms: float
    many_ms: float
    few_p95_ms: float
    many_p95_ms: float


@dataclass(frozen=True, slots=True)
class FeedbackBench:
    """Each operation beside `few` and beside `many` claims; medians and 95th percentiles of `runs`."""

    few: int
    many: int
    runs: int
    fill_s: float
    upgrade_s: float
    size_bytes: int
    timings: dict[str, Timing]

    def to_json(self) -> dict[str, Any]:
        """For programs."""
        plain = {name: getattr(self, name) for name in ("few", "many", "runs", "fill_s", "upgrade_s", "size_bytes")}
        timings = {
            name: {field: round(getattr(timing, field), 3) for field in Timing.__slots__}
            for name, timing in self.timings.items()
        }
        return plain | {"operations": timings}


async def run_feedback_bench(
    rows: int = ROWS,
    *,
    few: int = FEW,
    runs: int = RUNS,
    folder: Path | None = None,
    progress: Callable[[int], None],
) -> FeedbackBench:
    """Fill two SQLite files in a temporary folder (in `folder`, or where such folders are) and measure both by turns.

    `progress` is told how many of `STEPS` are done.
    """
    with TemporaryDirectory(prefix="breedbot-bench-", dir=folder) as place:
        files = [_Filled(Path(place) / f"{name}.sqlite3", size) for name, size in (("few", few), ("many", rows))]
        for number, file in enumerate(files):
            await file.fill()
            progress(number + 1)
        timings = await _timings(files, runs)
        progress(STEPS)
        many = files[1]
        return FeedbackBench(few, rows, runs, many.fill_s, many.upgrade_s, many.size_bytes, timings)


def feedback_bench_table(measured: FeedbackBench) -> Table:
    """The numbers for people."""
    title = f"median (p95) of {measured.runs} units in ms; {measured.size_bytes / 2**20:,.0f} MB"
    table = Table(
        "", f"{measured.few:,} claims", f"{measured.many:,} claims", box=None, title=title, title_justify="left"
    )
    for name, timing in measured.timings.items():
        few = f"{timing.few_ms:.1f} ({timing.few_p95_ms:.1f})"
        table.add_row(name, few, f"{timing.many_ms:.1f} ({timing.many_p95_ms:.1f})")
    table.add_row("upgrade from 0001", "", f"{measured.upgrade_s:.0f} s")
    return table


class _Filled:
    """A database file with that many claims."""

    def __init__(self, file: Path, rows: int) -> None:
        self.rows = rows
        self.fill_s = self.upgrade_s = 0.0
        self.size_bytes = 0
        self.url = sqlite_url(file)
        self._file = file

    async def fill(self) -> None:
        await migrate.upgrade(self.url, FIRST)
        start = time.perf_counter()
        await asyncio.to_thread(fill_with_feedback, self._file, self.rows)
        filled = time.perf_counter()
        await migrate.upgrade(self.url, "0002")
        await asyncio.to_thread(remember_what_waits, self._file)
        await migrate.upgrade(self.url)
        self.fill_s, self.upgrade_s = filled - start, time.perf_counter() - filled
        await asyncio.to_thread(let_everybody_consent, self._file)
        self.size_bytes = await asyncio.to_thread(lambda: self._file.stat().st_size)


async def _timings(files: Sequence[_Filled], runs: int) -> dict[str, Timing]:
    async with AsyncExitStack() as stack:
        opened = []
        for file in files:
            opened.append(await Database.open(file.url))
            stack.push_async_callback(opened[-1].close)
        pairs = zip(*(_operations(file.rows) for file in files), strict=True)
        found = {few[0]: await _by_turns(opened, (few[1], many[1]), runs) for few, many in pairs}
        for database in opened:
            await _skip_some(database)
        return found | {f"queue: next behind {SKIPPED} skipped": await _by_turns(opened, (_next, _next), runs)}


async def _by_turns(databases: Sequence[Database], works: Sequence[Work], runs: int) -> Timing:
    """What else the machine does disturbs both alike."""
    few_ms: list[float] = []
    many_ms: list[float] = []
    for _ in range(runs):
        for database, work, took in zip(databases, works, (few_ms, many_ms), strict=True):
            start = time.perf_counter()
            async with database.unit() as unit:
                await work(unit)
            took.append((time.perf_counter() - start) * 1000)
    return Timing(median(few_ms), median(many_ms), _p95(few_ms), _p95(many_ms))


def _p95(runs: list[float]) -> float:
    return sorted(runs)[int(0.95 * (len(runs) - 1))]


async def _next(unit: Unit) -> object:
    return await unit.review_queue.next()


def _operations(rows: int) -> Iterator[tuple[str, Work]]:
    """What a bot does all day, one unit each; what changes something does so to another claim each time."""
    reviewer, claims, yesterday = _Reviewer(), _Claims(rows), utc_now() - timedelta(days=1)
    yield "queue: next", _next
    yield "queue: next 50", lambda unit: unit.review_queue.next(50)
    yield "queue: 50 from the middle", lambda unit: unit.review_queue.next(50, after=(0.3, 0))
    yield "queue: count (to 10,000)", lambda unit: unit.review_queue.count()
    yield "reviews: accept", reviewer.accept
    yield "reviews: undo", reviewer.undo
    yield "reviews: the last 50 of one reviewer", lambda unit: unit.reviews.recent("moderator:1")
    yield "reviews: how a person's claims fared", lambda unit: unit.reviews.by_user(rows // 200 + 1)
    yield "feedback: a first claim", claims.first
    yield "feedback: a claim that replaces it", claims.again
    yield "feedback: 1,000 accepted", lambda unit: unit.feedback.accepted()
    far = rows * 8 // 10  # where a hundred are left even beside few claims
    yield "feedback: 100 accepted, near the end", lambda unit: unit.feedback.accepted(limit=100, after_id=far)
    yield "retrains: accepted since yesterday", lambda unit: unit.retrains.accepted_since(yesterday)
    yield "retrains: accepted ever (to 10,000)", lambda unit: unit.retrains.accepted_since(None)
    yield "stats: community", lambda unit: unit.stats.community()


class _Reviewer:
    """Accepts what comes next, and takes it all back."""

    def __init__(self) -> None:
        self._accepted: list[int] = []

    async def accept(self, unit: Unit) -> None:
        [item] = await unit.review_queue.next()
        review = await unit.reviews.decide(item.event_id, Decision.ACCEPTED, reviewer="moderator:1")
        self._accepted.append(review.feedback_event_id)

    async def undo(self, unit: Unit) -> None:
        await unit.reviews.decide(self._accepted.pop(), Decision.REOPENED, reviewer="moderator:1")


class _Claims:
    """Says something about answers that nobody has spoken of, and then something else."""

    def __init__(self, rows: int) -> None:
        self._first, self._again = count(claimed_answers(rows)), count(claimed_answers(rows))

    async def first(self, unit: Unit) -> None:
        await self._say(unit, next(self._first), "breed_1")

    async def again(self, unit: Unit) -> None:
        await self._say(unit, next(self._again), "breed_2")

    async def _say(self, unit: Unit, answer: int, breed: str) -> None:
        user_id = answer // CLAIMS_EACH + 1
        await unit.feedback.append(prediction_id=answer, user_id=user_id, verdict=Verdict.CORRECT, breed=breed)


async def _skip_some(database: Database) -> None:
    async with database.unit() as unit:
        for item in await unit.review_queue.next(SKIPPED):
            await unit.review_queue.skip(item.event_id, utc_now() + timedelta(days=1))
