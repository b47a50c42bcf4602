"""What the dashboard reads: where moments are among the jobs, a sample of them, and what people said last."""

from datetime import timedelta

from db_clock import StoppedClock
from db_samples import ANNA, BEN, predicted, queued

from core.claim import Verdict
from db.database import Database


async def test_moments_are_found_among_jobs_wherever_they_lie(database: Database, clock: StoppedClock) -> None:
    ids, times = [], []
    for _ in range(9):
        async with database.unit() as unit:
            job = await queued(unit)
            ids.append(job.id)
            times.append(job.created_at)
        clock.forward(minutes=10)
    async with database.unit() as unit:
        await unit.connection.exec_driver_sql(f"DELETE FROM jobs WHERE id IN ({ids[3]}, {ids[4]})")
        moments = [times[0] - timedelta(days=1), times[0], times[2] + timedelta(seconds=1), times[5], times[8]]
        moments.append(times[8] + timedelta(seconds=1))
        found = await unit.activity.first_ids(moments)

    assert found[:2] == [ids[0], ids[0]]
    assert ids[2] < found[2] <= ids[5]
    assert ids[2] < found[3] <= ids[5]
    assert found[4:] == [ids[8], ids[8] + 1]


async def test_without_any_job_there_is_nothing_to_find(database: Database, clock: StoppedClock) -> None:
    async with database.unit() as unit:
        (first,) = await unit.activity.first_ids([clock.now])

        assert await unit.activity.samples([first, first], 10) == [[]]
        assert await unit.activity.said_lately(10) == []


async def test_a_sample_is_bounded_and_evenly_spread(database: Database) -> None:
    async with database.unit() as unit:
        jobs = [(await queued(unit)).id for _ in range(50)]
        answered = await predicted(unit)
        bounds = [jobs[0], answered.job_id, answered.job_id + 1]
        few, (whole,) = await unit.activity.samples(bounds, 5)

    assert [one.id for one in few] == jobs[::10]
    assert (whole.model_id, whole.top) == (answered.model_id, answered.top)


async def test_only_each_person_s_last_word_about_an_answer_counts(database: Database) -> None:
    async with database.unit() as unit:
        first, second = await predicted(unit), await predicted(unit, user_id=BEN)
        await unit.feedback.append(prediction_id=first.id, user_id=ANNA, verdict=Verdict.CONFIRM)
        await unit.feedback.append(prediction_id=second.id, user_id=BEN, verdict=Verdict.CONFIRM)
        await unit.feedback.append(prediction_id=first.id, user_id=ANNA, verdict=Verdict.CORRECT, breed="pug")
        said = await unit.activity.said_lately(10)

    assert [(one.prediction_id, one.verdict) for one in said] == [
        (first.id, Verdict.CORRECT),
        (second.id, Verdict.CONFIRM),
    ]
