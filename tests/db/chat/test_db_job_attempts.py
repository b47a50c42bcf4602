"""What is noted of photos that were in hand when the process died."""

from db_samples import ANNA, BEN, OTHER_PHOTO, PHOTO, queued

from db.database import Database


async def test_attempts_are_counted_until_there_is_a_result(database: Database) -> None:
    async with database.unit() as unit:
        first, second = await queued(unit), await queued(unit, photo=OTHER_PHOTO)
        once = await unit.job_attempts.begin([first.id, second.id, 99])
        await unit.jobs.set_failed(second.id, "unreadable")
        twice = await unit.job_attempts.begin([first.id, second.id])

    assert once == {first.id: 1, second.id: 1}
    assert twice == {first.id: 2}


async def test_what_was_laid_down_unharmed_does_not_count(database: Database) -> None:
    async with database.unit() as unit:
        job = await queued(unit)
        await unit.job_attempts.begin([job.id])
        await unit.job_attempts.put_back([job.id, 99])
        await unit.job_attempts.put_back([job.id])

        assert await unit.job_attempts.begin([job.id]) == {job.id: 1}


async def test_a_photo_that_failed_so_is_known_whoever_sends_it(database: Database) -> None:
    async with database.unit() as unit:
        found_out = await queued(unit, user_id=ANNA)
        other = await queued(unit, user_id=ANNA, photo=OTHER_PHOTO)
        await unit.jobs.set_failed(found_out.id, "poison")
        await unit.jobs.set_failed(other.id, "unreadable")
        same, harmless = await queued(unit, user_id=BEN), await queued(unit, user_id=BEN, photo=OTHER_PHOTO)

        assert same.photo_sha256 == PHOTO
        assert await unit.job_attempts.failed_before([same.id, harmless.id], "poison") == {same.id}
