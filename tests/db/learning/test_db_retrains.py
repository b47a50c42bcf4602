"""The ledger of retrains: one at a time, and no outcome is lost."""

import asyncio
import os
import subprocess
import sys

import pytest
from db_clock import StoppedClock

from db.database import Database
from db.errors import AlreadyRunning, RetrainOver
from db.learning.learning_records import RetrainRecord, RetrainStatus, RetrainTrigger
from db.unit import Unit

HERE = os.getpid()


def ended_process() -> int:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


async def start(unit: Unit, pid: int = HERE) -> RetrainRecord:
    return await unit.retrains.start(RetrainTrigger.COMMAND, "head-1", pid)


async def test_a_retrain_and_what_became_of_it(database: Database, clock: StoppedClock) -> None:
    verdict = {"passed": True, "checks": [{"name": "gain", "p": 0.01}]}
    async with database.unit() as unit:
        started = await start(unit)
        began, ended = clock.now, clock.forward(seconds=9)
        shadow = await unit.retrains.finish(
            started.id, RetrainStatus.SHADOW, model_id="head-2", evidence_count=57, verdict=verdict
        )
        clock.forward(hours=1)
        promoted = await unit.retrains.finish(started.id, RetrainStatus.PROMOTED)

        assert (started.status, started.started_at, started.finished_at) == (RetrainStatus.RUNNING, began, None)
        assert (started.trigger, started.champion_id, started.pid) == (RetrainTrigger.COMMAND, "head-1", HERE)
        assert (shadow.status, shadow.finished_at, shadow.verdict) == (RetrainStatus.SHADOW, ended, verdict)
        assert (promoted.status, promoted.finished_at) == (RetrainStatus.PROMOTED, ended)
        assert (promoted.model_id, promoted.evidence_count, promoted.verdict) == ("head-2", 57, verdict)
        assert await unit.retrains.get("head-2") == promoted
        assert await unit.retrains.get("head-3") is None


async def test_retrains_are_listed_newest_first(database: Database) -> None:
    async with database.unit() as unit:
        ids = []
        for _ in range(3):
            ids.append((await start(unit)).id)
            await unit.retrains.finish(ids[-1], RetrainStatus.NOTHING_NEW)

        assert [record.id for record in await unit.retrains.last(2)] == [ids[2], ids[1]]
        assert await unit.retrains.running() is None


async def test_only_one_of_many_that_start_at_once_runs(database: Database) -> None:
    async def begin() -> RetrainRecord | AlreadyRunning:
        try:
            async with database.unit() as unit:
                return await start(unit)
        except AlreadyRunning as other:
            return other

    outcomes = await asyncio.gather(*(begin() for _ in range(8)))

    [started] = [outcome for outcome in outcomes if isinstance(outcome, RetrainRecord)]
    assert {told.running for told in outcomes if isinstance(told, AlreadyRunning)} == {started}


async def test_one_that_is_refused_is_told_which_runs(database: Database) -> None:
    async with database.unit() as unit:
        running = await start(unit)
        with pytest.raises(AlreadyRunning, match=rf"retrain {running.id} runs since 2026-03-01 12:00.*process {HERE}"):
            await start(unit)


async def test_one_whose_process_died_gives_way_and_is_noted_as_failed(database: Database) -> None:
    async with database.unit() as unit:
        dead = await start(unit, ended_process())
        alive = await start(unit)
        last = await unit.retrains.last(2)

    assert [(record.id, record.status) for record in last] == [
        (alive.id, RetrainStatus.RUNNING),
        (dead.id, RetrainStatus.FAILED),
    ]
    assert last[1].error == f"process {dead.pid} ended before it was done"


async def test_one_that_takes_hours_gives_way_and_its_outcome_comes_too_late(
    database: Database, clock: StoppedClock
) -> None:
    async with database.unit() as unit:
        slow = await start(unit)
        clock.forward(hours=1, seconds=1)
        await start(unit)
        with pytest.raises(RetrainOver, match=f"retrain {slow.id} cannot become shadow"):
            await unit.retrains.finish(slow.id, RetrainStatus.SHADOW, model_id="head-2")


@pytest.mark.parametrize("status", [RetrainStatus.REJECTED, RetrainStatus.FAILED, RetrainStatus.NOTHING_NEW])
async def test_what_was_not_good_enough_is_never_promoted(database: Database, status: RetrainStatus) -> None:
    async with database.unit() as unit:
        record = await start(unit)
        await unit.retrains.finish(record.id, status, error="no")
        with pytest.raises(RetrainOver, match="cannot become promoted"):
            await unit.retrains.finish(record.id, RetrainStatus.PROMOTED)
