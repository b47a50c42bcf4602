"""People: noted when seen, and forgotten entirely."""

from db_clock import StoppedClock
from db_samples import ANNA, BEN, OTHER_PHOTO, PHOTO, predicted, queued, update

from db.database import Database
from db.records import Decision, Verdict
from db.tables import metadata


async def test_somebody_seen_again_keeps_what_is_known(database: Database, clock: StoppedClock) -> None:
    async with database.unit() as unit:
        first = await unit.users.seen(ANNA, "fr")
        await unit.users.set_language(ANNA, "en")
        later = clock.forward(hours=1)
        again = await unit.users.seen(ANNA, None)
        changed = await unit.users.seen(ANNA, "de")

        assert (first.language, first.language_code, first.created_at) == (None, "fr", first.seen_at)
        assert (again.language, again.language_code) == ("en", "fr")
        assert (again.created_at, again.seen_at) == (first.created_at, later)
        assert changed.language_code == "de"
        assert await unit.users.get(ANNA) == changed
        assert await unit.users.count() == 1


async def test_a_search_is_awaited_until_it_is_not(database: Database) -> None:
    async with database.unit() as unit:
        about = await predicted(unit)
        await unit.users.await_search(ANNA, about.id)
        waiting = await unit.users.get(ANNA)
        await unit.users.await_search(ANNA, None)
        over = await unit.users.get(ANNA)

    assert waiting is not None
    assert waiting.awaiting_search_for == about.id
    assert over is not None
    assert over.awaiting_search_for is None


async def test_telegram_ids_beyond_32_bits_fit(database: Database) -> None:
    large = 2**52
    async with database.unit() as unit:
        job = await queued(unit, user_id=large)

    assert (job.user_id, job.chat_id) == (large, large)


async def test_forgetting_leaves_no_row_of_a_person_and_keeps_everybody_else(database: Database) -> None:
    async with database.unit() as unit:
        for user_id in (ANNA, BEN):
            about = await predicted(unit, user_id=user_id)
            claim = await unit.feedback.append(prediction_id=about.id, user_id=user_id, verdict=Verdict.CONFIRM)
            await unit.reviews.add(feedback_event_id=claim.id, decision=Decision.ACCEPTED, reviewer="eva")
        await queued(unit, user_id=ANNA, photo=OTHER_PHOTO)
        await unit.inbox.add([update(1, ANNA), update(2, BEN)])

    async with database.unit() as unit:
        orphaned = await unit.users.forget(ANNA)

    async with database.unit(read_only=True) as unit:
        assert orphaned == [OTHER_PHOTO]
        assert await unit.users.get(ANNA) is None
        assert await unit.photos.get(OTHER_PHOTO) is None
        assert await unit.photos.get(PHOTO) is not None
        counts = [await unit.predictions.count(), await unit.feedback.count(), await unit.reviews.count()]
        assert counts == [1, 1, 1]
        assert [record.chat_id for record in await unit.inbox.pending(10)] == [BEN]
        for table in metadata.sorted_tables:
            rows = (await unit.connection.execute(table.select())).all()
            assert not any(ANNA in row for row in rows), table.name


async def test_forgetting_a_stranger_or_twice_is_harmless(database: Database) -> None:
    async with database.unit() as unit:
        await predicted(unit)

        assert await unit.users.forget(ANNA) == [PHOTO]
        assert await unit.users.forget(ANNA) == []
