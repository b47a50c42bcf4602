"""A wrong clock erases nothing by age; what somebody decided is not held up."""

import logging
from datetime import timedelta
from pathlib import Path

import pytest
from db_clock import StoppedClock
from db_samples import ANNA, PHOTO, predicted, queued, update

from db.chat.chat_records import Consent
from db.database import Database
from db.privacy.retention_guard import FILE, RetentionGuard, confirm, read_memory

DAYS = 365


@pytest.fixture
def noted(file: Path) -> Path:
    return file.parent / FILE


async def photos(database: Database, count: int = 1) -> None:
    async with database.unit() as unit:
        for _ in range(count):
            await queued(unit)


async def erased(guard: RetentionGuard, database: Database, clock: StoppedClock, days: int = DAYS) -> int | None:
    """What a round erases; None: it was refused."""
    if await guard.why_not():
        return None
    limit = clock() - timedelta(days=days)
    async with database.unit() as unit:
        before = await unit.retention.count()
        while days and await unit.retention.delete_before(limit) is not None:
            pass
        gone = before - await unit.retention.count()
    guard.applied()
    return gone


def life(database: Database, clock: StoppedClock, noted: Path, days: int = DAYS) -> RetentionGuard:
    guard = RetentionGuard(database, days, noted, clock)
    guard.begin()
    return guard


async def test_a_clock_two_years_ahead_at_one_start_erases_nothing_and_says_so_once(
    database: Database, clock: StoppedClock, noted: Path, caplog: pytest.LogCaptureFixture
) -> None:
    await photos(database, 3)
    before = await erased(life(database, clock, noted), database, clock)
    clock.forward(days=730)
    guard = life(database, clock, noted)
    with caplog.at_level(logging.ERROR):
        rounds = [await erased(guard, database, clock) for _ in range(3)]

    assert (before, rounds) == (0, [None, None, None])
    assert [one.levelname for one in caplog.records] == ["ERROR"]
    assert "3 photos would go; if that is right, `breedbot retention confirm`" in caplog.text


async def test_what_came_in_under_the_wrong_clock_does_not_make_it_right(
    database: Database, clock: StoppedClock, noted: Path
) -> None:
    await photos(database, 3)
    clock.forward(days=730)
    guard = life(database, clock, noted)
    await photos(database, 40)
    async with database.unit() as unit:
        await unit.inbox.add([update(1)])
    first = await erased(guard, database, clock)
    clock.forward(hours=5)
    after_a_restart = await erased(life(database, clock, noted), database, clock)

    assert (first, after_a_restart) == (None, None)


async def test_the_host_allows_it_once(database: Database, clock: StoppedClock, noted: Path) -> None:
    await photos(database, 3)
    clock.forward(days=730)
    guard = life(database, clock, noted)
    nothing_to_confirm = confirm(noted)
    await guard.why_not()
    why = confirm(noted)
    gone = await erased(guard, database, clock)
    await photos(database, 2)
    clock.forward(days=730)
    again = await erased(life(database, clock, noted), database, clock)

    assert nothing_to_confirm is None
    assert why is not None
    assert (gone, again) == (3, None)


async def test_a_clock_that_was_put_right_goes_on_as_before(
    database: Database, clock: StoppedClock, noted: Path
) -> None:
    await photos(database)
    clock.forward(days=DAYS - 1)
    await photos(database, 30)
    clock.forward(days=730)
    refused = await erased(life(database, clock, noted), database, clock)
    clock.forward(days=-729, hours=1)
    gone = await erased(life(database, clock, noted), database, clock)

    assert (refused, gone) == (None, 1)
    assert read_memory(noted).held is None


async def test_more_than_a_tenth_at_once_is_refused_and_a_handful_is_not(
    database: Database, clock: StoppedClock, noted: Path
) -> None:
    await erased(life(database, clock, noted), database, clock)
    await photos(database, 11)
    clock.forward(days=10)
    await photos(database, 10)
    clock.forward(days=DAYS - 11)
    guard = life(database, clock, noted)
    await photos(database, 20)
    before = await erased(guard, database, clock)
    clock.forward(days=2)
    eleven_of_41 = await erased(guard, database, clock)
    confirm(noted)
    confirmed = await erased(guard, database, clock)
    clock.forward(days=10)
    ten_of_30 = await erased(guard, database, clock)

    assert (before, eleven_of_41, confirmed, ten_of_30) == (0, None, 11, 10)


@pytest.mark.parametrize("earlier", [0, 730])
async def test_another_retention_time_is_applied_at_once(
    database: Database, clock: StoppedClock, noted: Path, earlier: int
) -> None:
    await photos(database, 30)
    await erased(life(database, clock, noted, earlier), database, clock, earlier)
    clock.forward(days=100)
    gone = await erased(life(database, clock, noted, 90), database, clock, 90)

    assert gone == 30


async def test_photos_without_consent_do_not_wait_for_the_clock(
    database: Database, clock: StoppedClock, noted: Path
) -> None:
    async with database.unit() as unit:
        answer = await predicted(unit, consent=None)
        await unit.consents.set(ANNA, Consent.NO)
        await unit.jobs.set_answered(answer.job_id, 5)
    clock.forward(days=730)
    guard = life(database, clock, noted)
    refused = await guard.why_not()
    async with database.unit() as unit:
        gone = await unit.retention.erase_due()

    assert refused is not None
    assert gone == [PHOTO]


@pytest.mark.parametrize("content", [b"", b"[" * 100_000, b"{}", b'{"days": "x"}', b"\xff"])
async def test_a_damaged_note_is_as_good_as_none(
    database: Database, clock: StoppedClock, noted: Path, content: bytes
) -> None:
    await photos(database, 3)
    noted.write_bytes(content)  # noqa: ASYNC240 - a line of a test
    clock.forward(days=730)

    assert await life(database, clock, noted).why_not() is not None
