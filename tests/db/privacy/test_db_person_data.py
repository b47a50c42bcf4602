"""A person gets everything that is stored of them, and nothing of anybody else."""

import json
import re
from datetime import timedelta

from db_clock import StoppedClock
from db_samples import ANNA, BEN, OTHER_PHOTO, PHOTO, claimed, predicted, queued, update

from core.claim import Decision
from db.chat.chat_records import Consent
from db.database import Database
from db.learning.learning_records import NewShadowScore
from db.privacy.person_data import WITHHELD
from db.tables import metadata

# What no row of theirs is in: counts, models, tokens of the host, and the photos, which are files, with their sketches.
IMPERSONAL = {"accepted_counts", "api_tokens", "leases", "model_versions", "retrains", "photos", "photo_sketches"}


async def everything_of(database: Database, user_id: int) -> None:
    async with database.unit() as unit:
        claim = await claimed(unit, user_id=user_id)
        await unit.reviews.decide(claim.id, Decision.ACCEPTED, reviewer=f"moderator:{ANNA + BEN}")
        await claimed(unit, user_id=user_id)
        await unit.evidence.add("head-2", [claim.id])
        await unit.thanks.add("head-2")
        await unit.shadow.add([NewShadowScore(claim.prediction_id, "head-2", "pug", 0.5)])
        await unit.chats.set_answers_all(user_id - 5000, True, set_by=user_id)
        await unit.albums.open(user_id, "album", user_id)
        await unit.outbox.add((await queued(unit, user_id=user_id)).id, user_id, user_id)
        await unit.inbox.add([update(user_id, user_id)])
        later = unit.users._now() + timedelta(hours=1)
        token = f"secret{user_id}"
        await unit.console.add_link(token, moderator_id=user_id, expires_at=later)
        await unit.console.add_session(token, moderator_id=user_id, csrf_hash=token, expires_at=later)


async def test_every_table_that_knows_a_person_is_in_it_and_nobody_else(database: Database) -> None:
    await everything_of(database, ANNA)
    await everything_of(database, BEN)

    async with database.unit(read_only=True) as unit:
        data = await unit.person_data.of(ANNA)

    text = json.dumps(data.rows)
    assert set(data.rows) == set(metadata.tables) - IMPERSONAL
    assert all(data.rows.values())
    assert not re.search(rf"\b{BEN}\b", text)
    assert not re.search("secret|moderator:", text)
    for name, rows in data.rows.items():
        columns = {column.name for column in metadata.tables[name].c}
        assert columns - set(rows[0]) == columns & WITHHELD, name
    assert (data.rows_left_out, data.photos, len(data.with_features)) == (0, [PHOTO], 2)


async def test_more_rows_than_fit_are_counted(database: Database) -> None:
    async with database.unit() as unit:
        for photo in (PHOTO, OTHER_PHOTO, PHOTO):
            await queued(unit, photo=photo)

        data = await unit.person_data.of(ANNA, limit=2)

    assert [row["photo_sha256"] for row in data.rows["jobs"]] == [PHOTO, OTHER_PHOTO]
    assert data.rows_left_out == 1
    assert data.photos == [PHOTO, OTHER_PHOTO]


async def test_what_was_erased_is_not_promised(database: Database, clock: StoppedClock) -> None:
    async with database.unit() as unit:
        answer = await predicted(unit, consent=Consent.NO)
        await unit.jobs.set_answered(answer.job_id, 1)
        clock.forward(hours=1)
        await unit.retention.erase_due()

        data = await unit.person_data.of(ANNA)

    assert (data.photos, data.with_features, len(data.rows["predictions"])) == ([], [], 1)


async def test_of_a_stranger_there_is_nothing(database: Database) -> None:
    async with database.unit(read_only=True) as unit:
        data = await unit.person_data.of(ANNA)

    assert not any(data.rows.values())
