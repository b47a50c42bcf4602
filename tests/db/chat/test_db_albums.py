"""Albums: photos sent together, with one answer."""

from dataclasses import replace

from db_clock import StoppedClock
from db_samples import ANNA, BEN, PHOTO, predicted, prediction

from db.chat.chat_records import PhotoForm
from db.database import Database


async def test_an_album_is_opened_once_answered_and_closed_once(database: Database, clock: StoppedClock) -> None:
    async with database.unit() as unit:
        await unit.users.seen(ANNA, "en")
        first = await unit.albums.open(ANNA, "g1", ANNA)
        clock.forward(seconds=1)
        again = await unit.albums.open(ANNA, "g1", ANNA)
        await unit.albums.open(ANNA, "g2", ANNA)
        await unit.albums.set_answer(ANNA, "g1", 77)
        closed = [await unit.albums.close(ANNA, "g1") for _ in range(2)]
        album = await unit.albums.get(ANNA, "g1")
        for group in ("g1", "g2"):
            await unit.albums.later((ANNA, group), clock(), "more may come", failed=False)
        waiting = [one.media_group_id for one in await unit.albums.due(10)]

    assert first == again
    assert closed == [True, False]
    assert album is not None
    assert (album.answer_message_id, album.closed_at) == (77, clock())
    assert waiting == ["g2"]


async def test_the_photos_of_an_album_come_in_the_order_of_their_messages(database: Database) -> None:
    async with database.unit() as unit:
        await unit.users.seen(ANNA, "en")
        await unit.photos.add(PHOTO, size_bytes=1, mime="image/jpeg", width=1, height=1)
        for message_id, group in ((12, "g1"), (11, "g1"), (13, "g2"), (14, None)):
            await unit.jobs.add(
                photo_sha256=PHOTO, user_id=ANNA, chat_id=ANNA, message_id=message_id, media_group_id=group
            )

        found = await unit.jobs.of_album(ANNA, "g1")
        elsewhere = await unit.jobs.of_album(BEN, "g1")

    assert [job.message_id for job in found] == [11, 12]
    assert elsewhere == []


async def test_photos_of_one_dog_share_its_number(database: Database) -> None:
    async with database.unit() as unit:
        await unit.users.seen(ANNA, "en")
        await unit.photos.add(PHOTO, size_bytes=1, mime="image/jpeg", width=1, height=1)
        jobs = [
            await unit.jobs.add(photo_sha256=PHOTO, user_id=ANNA, chat_id=ANNA, message_id=number, media_group_id="g1")
            for number in range(3)
        ]
        await unit.jobs.set_album_dog([jobs[0].id, jobs[2].id], 0)

        assert [job.album_dog for job in await unit.jobs.of_album(ANNA, "g1")] == [0, None, 0]


async def test_predictions_are_found_by_their_jobs(database: Database) -> None:
    async with database.unit() as unit:
        stored = await predicted(unit)
        found = await unit.predictions.by_jobs([stored.job_id, 999])

    assert found == {stored.job_id: [stored]}


async def test_a_job_knows_what_its_photo_came_as(database: Database) -> None:
    async with database.unit() as unit:
        await unit.users.seen(ANNA, "en")
        await unit.photos.add(PHOTO, size_bytes=1, mime="image/jpeg", width=1, height=1)
        plain = await unit.jobs.add(photo_sha256=PHOTO, user_id=ANNA, chat_id=ANNA, message_id=1)
        frame = await unit.jobs.add(
            photo_sha256=PHOTO, user_id=ANNA, chat_id=ANNA, message_id=2, caption_hint="x" * 300,
            form=PhotoForm.VIDEO, frame=3,
        )  # fmt: skip

        assert await unit.jobs.get(frame.id) == frame

    assert (plain.form, plain.frame, plain.caption_hint) == (PhotoForm.PHOTO, None, None)
    assert (frame.form, frame.frame, frame.caption_hint) == (PhotoForm.VIDEO, 3, "x" * 100)


async def test_of_a_frame_of_a_video_the_first_dog_is_stored(database: Database) -> None:
    async with database.unit() as unit:
        await unit.users.seen(ANNA, "en")
        await unit.photos.add(PHOTO, size_bytes=1, mime="image/jpeg", width=1, height=1)
        frame = await unit.jobs.add(
            photo_sha256=PHOTO, user_id=ANNA, chat_id=ANNA, message_id=2, form=PhotoForm.VIDEO, frame=0
        )
        stored = await unit.predictions.add_all(frame, [prediction(), replace(prediction(), dog=1)])

        assert [one.dog for one in stored] == [0]
        assert await unit.predictions.dogs(frame.id) == stored


async def test_the_last_photos_of_a_person_and_of_a_chat_are_known_newest_first(
    database: Database, clock: StoppedClock
) -> None:
    async with database.unit() as unit:
        await unit.photos.add(PHOTO, size_bytes=1, mime="image/jpeg", width=1, height=1)
        for user_id in (ANNA, BEN):
            await unit.users.seen(user_id, "en")
        times = []
        for user_id in (ANNA, BEN, ANNA):
            times.append(clock.forward(seconds=1))
            await unit.jobs.add(photo_sha256=PHOTO, user_id=user_id, chat_id=-5, message_id=1)

        assert await unit.jobs.last_of_user(ANNA, 5) == [times[2], times[0]]
        assert await unit.jobs.last_of_chat(-5, 2) == [times[2], times[1]]


async def test_photos_that_were_refused_for_one_reason_can_be_left_out_of_the_last_ones(
    database: Database, clock: StoppedClock
) -> None:
    async with database.unit() as unit:
        await unit.photos.add(PHOTO, size_bytes=1, mime="image/jpeg", width=1, height=1)
        await unit.users.seen(ANNA, "en")
        times = []
        for failure in (None, "unreadable", "too_many"):
            times.append(clock.forward(seconds=1))
            job = await unit.jobs.add(photo_sha256=PHOTO, user_id=ANNA, chat_id=ANNA, message_id=1)
            if failure is not None:
                await unit.jobs.set_failed(job.id, failure)

        assert await unit.jobs.last_of_user(ANNA, 5, without="too_many") == [times[1], times[0]]
        assert await unit.jobs.last_of_user(ANNA, 5) == times[::-1]
