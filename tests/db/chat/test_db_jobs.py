"""A job goes one way, and every step may be repeated."""

from dataclasses import replace
from datetime import timedelta

from db_clock import StoppedClock
from db_samples import ANNA, BEN, PHOTO, TOP, predicted, prediction, queued
from stored import predict, unanswered_jobs

from core.prediction import Kind
from db.chat.chat_records import JobStatus
from db.database import Database


async def test_one_update_makes_one_job(database: Database) -> None:
    async with database.unit() as unit:
        first = await queued(unit, update_id=5)
        second = await queued(unit, update_id=5)
        other = await queued(unit, update_id=6)
        without = [await queued(unit), await queued(unit)]

    assert first == second
    assert len({first.id, other.id, *(job.id for job in without)}) == 4


async def test_a_photo_stored_twice_stays_as_it_is(database: Database) -> None:
    async with database.unit() as unit:
        await unit.photos.add(PHOTO, size_bytes=1, mime="image/jpeg", width=2, height=3)
        before = await unit.photos.get(PHOTO)
        await unit.photos.add(PHOTO, size_bytes=9, mime="image/png", width=9, height=9)

        assert await unit.photos.get(PHOTO) == before
        assert await unit.photos.count() == 1


async def test_a_queued_job_is_unfinished_until_it_is_predicted(database: Database, clock: StoppedClock) -> None:
    async with database.unit() as unit:
        job = await queued(unit)
        waiting = await unit.jobs.due(10)
        since = await unit.jobs.oldest_queued_at()
        await predict(unit, job.id, prediction())
        done = await unit.jobs.get(job.id)

        assert waiting == [job]
        assert since == clock.now
        assert await unit.jobs.due(10) == []
        assert done is not None
        assert (done.status, done.predicted_at) == (JobStatus.PREDICTED, clock.now)
        assert (await unit.jobs.count_pending(), await unit.jobs.count_unanswered()) == (0, 1)
        assert await unit.jobs.oldest_queued_at() is None


async def test_a_predicted_job_is_unanswered_until_its_user_is_told(database: Database, clock: StoppedClock) -> None:
    async with database.unit() as unit:
        stored = await predicted(unit)
        [unanswered] = await unanswered_jobs(unit)
        await unit.jobs.set_answered(stored.job_id, 70)
        told = await unit.jobs.get(stored.job_id)
        clock.forward(hours=1)
        await unit.jobs.set_answered(stored.job_id, 71)

        assert unanswered.id == stored.job_id
        assert told is not None
        assert (told.status, told.answer_message_id) == (JobStatus.ANSWERED, 70)
        assert await unit.jobs.get(stored.job_id) == told
        assert await unanswered_jobs(unit) == []
        [shown] = await unit.predictions.dogs(stored.job_id)
        assert shown.answer_message_id == 70


async def test_a_failed_job_is_unanswered_until_its_user_is_told(database: Database) -> None:
    async with database.unit() as unit:
        job = await queued(unit)
        await unit.jobs.set_failed(job.id, "unreadable")
        [unanswered] = await unanswered_jobs(unit)
        await unit.jobs.set_answered(job.id, 70)
        told = await unit.jobs.get(job.id)

        assert (unanswered.status, unanswered.failure) == (JobStatus.FAILED, "unreadable")
        assert told is not None
        assert (told.status, told.answer_message_id) == (JobStatus.FAILED, 70)
        assert (await unit.jobs.due(10), await unanswered_jobs(unit)) == ([], [])


async def test_a_queued_job_cannot_be_answered(database: Database) -> None:
    async with database.unit() as unit:
        job = await queued(unit)
        await unit.jobs.set_answered(job.id, 70)

        assert await unit.jobs.get(job.id) == job


async def test_a_prediction_outweighs_a_late_failure(database: Database) -> None:
    async with database.unit() as unit:
        stored = await predicted(unit)
        await unit.jobs.set_failed(stored.job_id, "too_old")
        job = await unit.jobs.get(stored.job_id)

    assert job is not None
    assert (job.status, job.failure) == (JobStatus.PREDICTED, None)


async def test_jobs_are_due_in_their_order_and_again_when_nothing_was_heard_of_them(
    database: Database, clock: StoppedClock
) -> None:
    async with database.unit() as unit:
        first, second = await queued(unit), await queued(unit)
        due = await unit.jobs.due(10)
        await unit.jobs.submitted([first.id], clock.now + timedelta(minutes=10))
        without = await unit.jobs.due(10)
        clock.forward(minutes=11)
        again = await unit.jobs.due(10)

        assert [job.id for job in due] == [first.id, second.id]
        assert [job.id for job in without] == [second.id]
        assert [job.id for job in again] == [second.id, first.id]


async def test_what_was_submitted_is_due_at_once_for_the_next_leader(database: Database, clock: StoppedClock) -> None:
    async with database.unit() as unit:
        job = await queued(unit)
        await unit.jobs.submitted([job.id], clock.now + timedelta(minutes=10))

        assert await unit.jobs.submit_again() == 1
        assert [one.id for one in await unit.jobs.due(10)] == [job.id]


async def test_the_progress_message_is_kept(database: Database) -> None:
    async with database.unit() as unit:
        job = await queued(unit, update_id=5)
        await unit.jobs.set_progress_message(job.id, 33)
        stored = await unit.jobs.by_update(5)

    assert stored is not None
    assert stored.progress_message_id == 33


async def test_a_job_is_predicted_once(database: Database) -> None:
    async with database.unit() as unit:
        first = await predicted(unit)
        second = await predict(unit, first.job_id, prediction("unsure"))

        assert second == first
        assert await unit.predictions.count() == 1


async def test_a_prediction_comes_back_as_it_was_said(database: Database, clock: StoppedClock) -> None:
    async with database.unit() as unit:
        stored = await predicted(unit)
        await unit.jobs.set_answered(stored.job_id, 44)
    async with database.unit(read_only=True) as unit:
        read = await unit.predictions.by_token(stored.token)
        same = await unit.predictions.get(stored.id)

    assert read is not None
    assert read == same
    assert (read.kind, read.top, read.features) == (Kind.BREED, TOP, prediction().features)
    assert (read.user_id, read.chat_id, read.photo_sha256) == (ANNA, ANNA, PHOTO)
    assert (read.answer_message_id, read.created_at) == (44, clock.now)


async def test_tokens_are_twelve_url_safe_characters_and_differ(database: Database) -> None:
    async with database.unit() as unit:
        tokens = {(await predicted(unit)).token for _ in range(50)}
        forged = await unit.predictions.by_token("AAAAAAAAAAAA")

    assert len(tokens) == 50
    assert all(len(token) == 12 and token.replace("-", "").replace("_", "").isalnum() for token in tokens)
    assert forged is None


async def test_a_forgotten_job_is_not_there_to_be_held(database: Database) -> None:
    async with database.unit() as unit:
        job = await queued(unit)
        held = await unit.jobs.get(job.id, hold=True)
        await unit.users.forget(ANNA)

        assert held == job
        assert await unit.jobs.get(job.id, hold=True) is None


async def test_job_ids_are_never_used_again(database: Database) -> None:
    async with database.unit() as unit:
        job = await queued(unit)
        await unit.users.forget(ANNA)

        assert (await queued(unit)).id > job.id


async def test_each_dog_of_a_photo_has_an_answer_of_its_own(database: Database) -> None:
    async with database.unit() as unit:
        job = await queued(unit)
        left = replace(prediction(), dog=1, box=(0.0, 0.25, 0.5, 0.75))
        first, second = await unit.predictions.add_all(job, [prediction(), left])
        held = await unit.jobs.get(job.id, hold=True)

        assert held is not None
        assert await unit.predictions.add_all(held, [prediction()] * 3) == [first, second]
        assert await unit.predictions.dogs(job.id) == [first, second]
        assert first.token != second.token
        assert (second.dog, second.box) == (1, [0.0, 0.25, 0.5, 0.75])
        assert await unit.predictions.by_jobs([job.id]) == {job.id: [first, second]}


async def test_an_answer_is_found_by_its_message_while_it_is_fresh_and_by_its_person_only(
    database: Database, clock: StoppedClock
) -> None:
    async with database.unit() as unit:
        stored = await predicted(unit)
        await unit.jobs.set_answered(stored.job_id, 70)
        since = clock.now
        found = await unit.predictions.said_in(ANNA, ANNA, 70, since=since)
        nobody = [
            await unit.predictions.said_in(BEN, ANNA, 70, since=since),
            await unit.predictions.said_in(ANNA, BEN, 70, since=since),
            await unit.predictions.said_in(ANNA, ANNA, 71, since=since),
            await unit.predictions.said_in(ANNA, ANNA, 70, since=since + timedelta(seconds=1)),
        ]

    assert found is not None
    assert found.id == stored.id
    assert nobody == [None] * 4


async def test_every_frame_that_a_guest_asked_about_knows_where_the_answer_is(database: Database) -> None:
    async with database.unit() as unit:
        other = await queued(unit)
        asked = {"photo_sha256": PHOTO, "user_id": ANNA, "chat_id": ANNA, "message_id": 0, "guest_query_id": "q"}
        frames = [await unit.jobs.add(**asked, frame=frame) for frame in (0, 1)]  # type: ignore[arg-type]
        await unit.jobs.set_inline_message(frames[0], "m")
        known = [await unit.jobs.get(job.id) for job in (*frames, other)]

    assert [job.inline_message_id for job in known if job is not None] == ["m", "m", None]
