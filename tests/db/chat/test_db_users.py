"""People: noted when seen, and forgotten entirely."""

import re
from datetime import timedelta

from db_clock import StoppedClock
from db_samples import ANNA, BEN, OTHER_PHOTO, PHOTO, claimed, predicted, queued, update
from stored import pending_updates

from core.claim import Decision, Verdict
from db.chat.chat_records import Holdings
from db.database import Database
from db.learning.learning_records import NewShadowScore
from db.tables import metadata

# Not rows of one person; the others must be there before, and fewer afterwards.
SHARED = {"inbox", "chats", "accepted_counts", "api_tokens", "leases", "model_versions", "retrains"}


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
            await unit.evidence.add("head-2", [claim.id])
            await unit.thanks.add("head-2")
            await unit.shadow.add([NewShadowScore(about.id, "head-2", "pug", 0.5)])
            await claimed(unit, Verdict.OTHER, user_id=user_id)
            later = unit.users._now() + timedelta(hours=1)
            token = str(user_id)
            await unit.console.add_link(token, moderator_id=user_id, expires_at=later)
            await unit.console.add_session(token, moderator_id=user_id, csrf_hash=token, expires_at=later)
            await unit.reviews.decide(
                (await claimed(unit, user_id=user_id)).id, Decision.ACCEPTED, reviewer=f"moderator:{ANNA}"
            )
            await unit.chats.set_answers_all(user_id - 5000, True, set_by=user_id)
            await unit.albums.open(user_id, "album", user_id)
            await unit.outbox.add(about.job_id, user_id, user_id)
        await queued(unit, user_id=ANNA, photo=OTHER_PHOTO)
        await unit.photos.add_sketches({PHOTO: b"sketch", OTHER_PHOTO: b"sketch"})
        await unit.inbox.add([update(1, ANNA), update(2, BEN)])
        rows = {
            table.name: len((await unit.connection.execute(table.select())).all()) for table in metadata.tables.values()
        }

    async with database.unit() as unit:
        orphaned = await unit.users.forget(ANNA)

    async with database.unit(read_only=True) as unit:
        assert orphaned == [OTHER_PHOTO]
        assert await unit.users.get(ANNA) is None
        assert await unit.photos.get(OTHER_PHOTO) is None
        assert await unit.photos.get(PHOTO) is not None
        counts = [await unit.predictions.count(), await unit.feedback.count(), await unit.reviews.count()]
        assert counts == [3, 3, 2]
        assert [record.chat_id for record in await pending_updates(unit, 10)] == [BEN]
        for table in metadata.sorted_tables:
            left = (await unit.connection.execute(table.select())).all()
            assert not any(re.search(rf"\b{ANNA}\b", str(value)) for row in left for value in row), table.name
            if table.name not in SHARED:
                assert 0 < len(left) < rows[table.name], table.name


async def test_forgetting_a_stranger_or_twice_is_harmless(database: Database) -> None:
    async with database.unit() as unit:
        await predicted(unit)

        assert await unit.users.forget(ANNA) == [PHOTO]
        assert await unit.users.forget(ANNA) == []


async def test_a_text_is_awaited_for_an_answer_or_for_a_claim_never_for_both(database: Database) -> None:
    async with database.unit() as unit:
        about = await predicted(unit, user_id=ANNA)
        states = []
        for awaiting in (unit.users.await_search(ANNA, about.id), unit.users.await_review(ANNA, 7)):
            await awaiting
            anna = await unit.users.get(ANNA)
            assert anna is not None
            states.append((anna.awaiting_search_for, anna.reviewing))

    assert states == [(about.id, None), (None, 7)]


async def test_what_is_stored_of_a_person_is_counted_by_person(database: Database) -> None:
    async with database.unit() as unit:
        about = await predicted(unit, user_id=ANNA)
        await queued(unit, user_id=ANNA, photo=OTHER_PHOTO)
        await unit.feedback.append(prediction_id=about.id, user_id=ANNA, verdict=Verdict.CONFIRM)
        await predicted(unit, user_id=BEN)

        assert await unit.users.holdings(ANNA) == Holdings(photos=2, answers=1, claims=1)
        assert await unit.users.holdings(ANNA + BEN) is None
