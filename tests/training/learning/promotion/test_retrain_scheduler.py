"""Retrains start when there is something new or when somebody says so: one at a time, and none outlives the bot."""

import asyncio
import logging
import os
import signal
import sqlite3
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from learning_samples import SHIPPED_MODEL, School, SetClock, school_in

from bot.metrics import Metrics
from breedbot.ops.logs import SecretMask
from db.learning.answer_opinions import NewestIds
from db.learning.learning_records import RetrainStatus, RetrainTrigger
from training.learning.promotion.retrain_process import NICENESS, ProcessBounds, RetrainProcess
from training.learning.promotion.retrain_scheduler import AlreadyRunning, Scheduler, Started
from training.learning.promotion.service import Learning, LearningRules, LearningTiming
from training.learning.promotion.trial import TrialRules
from training.learning.retrain.due import DueRules, Looked, RetrainFacts, worth_starting

TIMEOUT_S = 60
# Stands in for `breedbot retrain`: notes its arguments, opens a row, and then does as it was told.
STAND_IN = """
import os, socket, sqlite3, sys, time
database, notes, deed, *options = sys.argv[1:]
with sqlite3.connect(database) as connection:
    row = ("2026-05-02 09:00:00", "nothing_new" if deed == "work" else "running", socket.gethostname(), os.getpid())
    columns = "started_at, trigger, status, champion_id, host, pid"
    connection.execute(f"INSERT INTO retrains ({columns}) VALUES (?, 'command', ?, 'c', ?, ?)", row)
with open(notes, "a") as file:
    file.write(f"{os.getpid()} {os.nice(0)} {' '.join(options)}\\n")
if deed == "hang":
    time.sleep(60)
if deed == "fail":
    sys.exit("breedbot: disk is full, 123456:secret said")
if deed == "flood":
    sys.stderr.write("x" * 300_000 + "\\n" + "line\\n" * 2000)
"""


@dataclass
class Workshop:
    """A school and a command that stands in for the retrain."""

    school: School
    folder: Path

    def command(self, deed: str) -> tuple[str, ...]:
        return (sys.executable, "-c", STAND_IN, str(self.folder / "bot.db"), str(self.folder / "notes"), deed)

    @property
    def runs(self) -> list[list[str]]:
        notes = self.folder / "notes"
        return [line.split() for line in notes.read_text().splitlines()] if notes.exists() else []

    async def until_runs(self, count: int) -> None:
        """Until so many have been started; nothing but the file tells."""
        async with asyncio.timeout(TIMEOUT_S):
            while len(self.runs) < count:  # noqa: ASYNC110 - another process writes it
                await asyncio.sleep(0.01)

    def scheduler(self, deed: str, *, look_s: float = 0.01, bounds: ProcessBounds | None = None) -> Scheduler:
        process = RetrainProcess(self.command(deed), bounds)
        return Scheduler(self.school.database, process, rules=DueRules(), look_s=look_s, clock=self.school.clock)


@pytest_asyncio.fixture
async def workshop(tmp_path: Path) -> AsyncIterator[Workshop]:
    async with school_in(tmp_path) as school:
        yield Workshop(school, tmp_path)


@asynccontextmanager
async def running(scheduler: Scheduler) -> AsyncIterator[None]:
    task = asyncio.ensure_future(scheduler.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def test_new_claims_are_an_occasion_and_nothing_new_is_none(workshop: Workshop) -> None:
    scheduler = workshop.scheduler("work")
    async with running(scheduler):
        await workshop.school.judged(SHIPPED_MODEL, [True])
        await workshop.until_runs(1)
        await workshop.school.judged(SHIPPED_MODEL, [True])
        await workshop.until_runs(2)
        while not isinstance(started := await scheduler(), Started):  # noqa: ASYNC110 - the second one ends soon
            await asyncio.sleep(0)
        await started.outcome

    assert [run[2:] for run in workshop.runs] == [["--if-due"], ["--if-due"], []], "the last was said, not looked for"
    assert {run[1] for run in workshop.runs} == {str(NICENESS)}, "out of the bot's way"


async def test_a_retrain_on_command_tells_how_it_ended(workshop: Workshop) -> None:
    scheduler = workshop.scheduler("work", look_s=TIMEOUT_S)
    async with running(scheduler):
        started = await scheduler()
        assert isinstance(started, Started)
        second = await scheduler()
        record = await started.outcome

    assert isinstance(second, AlreadyRunning)
    assert record is not None
    assert record.status is RetrainStatus.NOTHING_NEW
    assert len(workshop.runs) == 1


async def test_one_that_runs_elsewhere_is_not_joined(workshop: Workshop) -> None:
    async with workshop.school.database.unit() as unit:
        await unit.retrains.start(RetrainTrigger.COMMAND, SHIPPED_MODEL, pid=os.getpid())

    assert isinstance(await workshop.scheduler("work")(), AlreadyRunning)


async def test_a_failure_is_one_line_its_row_is_closed_and_no_secret_is_shown(
    workshop: Workshop, caplog: pytest.LogCaptureFixture
) -> None:
    take_off = SecretMask(["123456:secret"]).install()
    try:
        scheduler = workshop.scheduler("fail", look_s=TIMEOUT_S)
        async with running(scheduler):
            started = await scheduler()
            assert isinstance(started, Started)
            record = await started.outcome
    finally:
        take_off()

    assert record is not None
    assert record.status is RetrainStatus.FAILED
    assert [one.levelname for one in caplog.records if one.levelno > logging.INFO] == ["ERROR"]
    assert "disk is full" in caplog.text
    assert "secret" not in caplog.text


async def test_the_same_failure_again_is_not_told_again(workshop: Workshop, caplog: pytest.LogCaptureFixture) -> None:
    scheduler = workshop.scheduler("fail", look_s=TIMEOUT_S)
    async with running(scheduler):
        for _ in range(2):
            started = await scheduler()
            assert isinstance(started, Started)
            await started.outcome

    assert len(workshop.runs) == 2
    assert [one.levelname for one in caplog.records if one.levelno > logging.INFO] == ["ERROR"]


async def test_one_that_hangs_is_ended(workshop: Workshop) -> None:
    scheduler = workshop.scheduler("hang", look_s=TIMEOUT_S, bounds=ProcessBounds(limit_s=2.0, grace_s=5.0))
    async with running(scheduler):
        started = await scheduler()
        assert isinstance(started, Started)
        record = await started.outcome

    assert record is not None
    assert record.status is RetrainStatus.FAILED
    assert "not through after 2 s" in (record.error or "")
    assert not alive(record.pid)


async def test_one_that_is_killed_is_noted(workshop: Workshop) -> None:
    scheduler = workshop.scheduler("hang", look_s=TIMEOUT_S)
    async with running(scheduler):
        started = await scheduler()
        await workshop.until_runs(1)
        os.kill(int(workshop.runs[0][0]), signal.SIGKILL)
        assert isinstance(started, Started)
        record = await started.outcome

    assert record is not None
    assert record.error == "it was ended by signal 9"


async def test_a_retrain_ends_with_the_bot(workshop: Workshop) -> None:
    scheduler = workshop.scheduler("hang", look_s=TIMEOUT_S)
    async with running(scheduler):
        started = await scheduler()
        await workshop.until_runs(1)

    assert isinstance(started, Started)
    assert await started.outcome is None, "nobody waits for ever"
    assert not alive(int(workshop.runs[0][0]))


async def test_a_flood_of_words_blocks_nothing(workshop: Workshop) -> None:
    end = await RetrainProcess(workshop.command("flood")).run()

    assert (end.code, end.trouble) == (0, None)


async def test_a_command_that_cannot_be_started_is_said(workshop: Workshop, caplog: pytest.LogCaptureFixture) -> None:
    process = RetrainProcess([str(workshop.folder / "no-such-program")])
    scheduler = Scheduler(workshop.school.database, process, rules=DueRules(trust=False), look_s=TIMEOUT_S)
    async with running(scheduler):
        started = await scheduler()
        assert isinstance(started, Started)
        assert await started.outcome is None

    assert "no retrain can be started" in caplog.text


async def test_a_row_that_a_kill_left_open_is_closed(workshop: Workshop, caplog: pytest.LogCaptureFixture) -> None:
    scheduler = workshop.scheduler("hang", look_s=TIMEOUT_S)
    async with running(scheduler):
        await scheduler()
        await workshop.until_runs(1)  # killed with this block, as by a power cut
    with sqlite3.connect(workshop.folder / "bot.db") as connection:
        assert connection.execute("SELECT status FROM retrains").fetchall() == [("running",)]

    scheduler = workshop.scheduler("work", look_s=TIMEOUT_S)
    async with running(scheduler):
        started = await scheduler()
        assert isinstance(started, Started)
        await started.outcome

    async with workshop.school.database.unit(read_only=True) as unit:
        assert [one.status for one in await unit.retrains.last(5)] == [RetrainStatus.NOTHING_NEW, RetrainStatus.FAILED]
    assert "was cut off" in caplog.text


async def test_two_schedulers_start_one_retrain_between_them(workshop: Workshop) -> None:
    first = workshop.scheduler("hang", look_s=TIMEOUT_S)
    async with running(first):
        await first()
        await workshop.until_runs(1)

        assert isinstance(await workshop.scheduler("work")(), AlreadyRunning)


NEW = NewestIds(claim=5, decision=3)


@pytest.mark.parametrize(
    ("newest", "trust", "corrections", "looked", "hours_ago", "expected"),
    [
        (NEW, True, 0, None, 0, "policy"),
        (NewestIds(5, 0), True, 0, None, 0, "policy"),
        (NewestIds(0, 0), True, 0, None, 0, None),
        (NEW, True, 0, NEW, 0.9, None),
        (NEW, True, 0, NEW, 1.1, "policy"),
        (NEW, True, 0, NewestIds(4, 3), 0.1, "policy"),
        (NEW, True, 50, NewestIds(5, 2), 0.1, "50 corrections"),
        (NEW, False, 0, None, 0, None),
        (NEW, False, 49, None, 0, None),
        (NEW, False, 50, None, 0, "50 corrections"),
        (NEW, False, 50, NewestIds(5, 2), 0.1, "50 corrections"),
        (NEW, False, 50, NEW, 0.9, None),  # it was started for these, and came to nothing
        (NEW, False, 50, NEW, 1.1, "50 corrections"),
        (NewestIds(5, 0), False, 0, NewestIds(5, 0), 9, None),
    ],
)
def test_when_the_command_is_worth_starting(
    newest: NewestIds, trust: bool, corrections: int, looked: NewestIds | None, hours_ago: float, expected: str | None
) -> None:
    now = SetClock().now
    before = Looked(now - timedelta(hours=hours_ago), looked) if looked else None
    facts = RetrainFacts(None, now - timedelta(days=1), corrections, newest)

    reason = worth_starting(now, facts, DueRules(trust=trust), before)

    assert (reason is None) if expected is None else (expected in (reason or ""))


async def test_the_whole_loop_promotes_counts_and_stops_in_order(workshop: Workshop) -> None:
    school, metrics = workshop.school, Metrics()
    rules = LearningRules(
        workshop.command("hang"),
        trial=TrialRules(photos=0),
        timing=LearningTiming(follow_s=0.01, judge_s=0.01, look_s=0.01),
    )
    await school.candidate()
    learning = Learning(school.database, school.store, rules, registry=metrics.registry, clock=school.clock)
    loop = asyncio.ensure_future(learning.run())
    try:
        async with asyncio.timeout(TIMEOUT_S):
            while b'breedbot_model_info{model="candidate-1"} 1.0' not in metrics.page():  # noqa: ASYNC110 - a gauge
                await asyncio.sleep(0.01)
        await learning.retrain_now()
        await workshop.until_runs(1)
    finally:
        loop.cancel()
        await asyncio.wait([loop])

    assert b'breedbot_retrains{status="promoted"} 1.0' in metrics.page()
    assert not alive(int(workshop.runs[0][0]))
