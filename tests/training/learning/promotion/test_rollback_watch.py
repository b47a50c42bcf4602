"""A champion with which people disagree more than before is taken back, once, and not because of one person."""

import logging
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from learning_samples import SHIPPED_MODEL, School, add_candidate, school_in

from db.learning.learning_records import RetrainStatus
from training.learning.promotion.rollback_watch import TakenBack, Watch


@pytest_asyncio.fixture
async def school(tmp_path: Path) -> AsyncIterator[School]:
    """The candidate has just been promoted; before, one in ten answers was wrong."""
    async with school_in(tmp_path) as school:
        await school.judged(SHIPPED_MODEL, ([True] + [False] * 9) * 6)
        await school.candidate()
        await school.registry.promote("candidate-1")
        school.clock.forward(hours=1)
        yield school


def watch_of(school: School, told: list[TakenBack] | None = None) -> Watch:
    return Watch(school.database, school.store, school.registry, told=told.append if told is not None else None)


@pytest.mark.slow
async def test_a_champion_that_is_worse_goes_back_and_the_ledger_says_why(
    school: School, caplog: pytest.LogCaptureFixture
) -> None:
    await school.judged("candidate-1", [True] * 12 + [False] * 3)

    told: list[TakenBack] = []
    setback = await watch_of(school, told).look()
    again = await watch_of(school, told).look()

    assert setback is not None
    assert told == [TakenBack("candidate-1", SHIPPED_MODEL, 0.8, 0.1)]
    assert (setback.wrong, setback.opinions, setback.wrong_before, setback.opinions_before) == (12, 15, 6, 60)
    assert again is None
    assert school.store.pointer().model == await school.registered_champion() == SHIPPED_MODEL
    row = await school.row()
    assert row.status is RetrainStatus.ROLLED_BACK
    assert "12 of 15" in (row.error or "")
    assert len([one for one in caplog.records if one.levelno >= logging.ERROR]) == 1


@pytest.mark.slow
async def test_one_that_is_as_good_stays(school: School) -> None:
    await school.judged("candidate-1", ([True] + [False] * 9) * 30)

    assert await watch_of(school).look() is None
    assert school.store.pointer().model == "candidate-1"


@pytest.mark.slow
async def test_one_angry_person_takes_nothing_back(school: School) -> None:
    await school.judged("candidate-1", [True] * 100, user_id=5)
    for _ in range(20):
        school.clock.forward(days=1)
        await school.judged("candidate-1", [True] * 3, user_id=5)

    assert await watch_of(school).look() is None


@pytest.mark.slow
async def test_what_people_say_of_older_answers_is_not_held_against_the_new_one(school: School) -> None:
    await school.judged(SHIPPED_MODEL, [True] * 50)

    assert await watch_of(school).look() is None


@pytest.mark.slow
async def test_a_champion_that_answers_again_is_not_watched(school: School) -> None:
    await school.registry.roll_back("by hand")
    school.clock.forward(hours=1)
    await school.judged(SHIPPED_MODEL, [True] * 60)

    assert await watch_of(school).look() is None
    assert school.store.pointer().model == SHIPPED_MODEL


@pytest.mark.slow
async def test_a_champion_that_no_retrain_made_is_not_watched(school: School) -> None:
    add_candidate(school.store, "by-hand")
    await school.registry.promote("by-hand")
    school.clock.forward(hours=1)
    await school.judged("by-hand", [True] * 60)

    assert await watch_of(school).look() is None


@pytest.mark.slow
async def test_where_there_is_no_way_back_it_is_said_once_and_nothing_changes(
    school: School, caplog: pytest.LogCaptureFixture
) -> None:
    add_candidate(school.store, SHIPPED_MODEL)
    (school.store.root / "heads" / SHIPPED_MODEL / "head.npz").write_bytes(b"PK")
    await school.judged("candidate-1", [True] * 15)
    watch = watch_of(school)
    caplog.clear()

    await watch.look()
    await watch.look()

    assert school.store.pointer().model == "candidate-1"
    assert (await school.row()).status is RetrainStatus.PROMOTED
    assert [record.levelname for record in caplog.records] == ["ERROR"]
    assert "cannot be" in caplog.text
