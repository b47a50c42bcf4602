"""The console's door: a link opens it once, a session for a while."""

import asyncio
from datetime import timedelta

from db_clock import StoppedClock
from db_samples import ANNA, BEN

from db.database import Database

LINK, OTHER_LINK, COOKIE, CSRF = "1" * 64, "2" * 64, "3" * 64, "4" * 64


async def test_a_link_opens_once_even_to_many_at_once(database: Database, clock: StoppedClock) -> None:
    async with database.unit() as unit:
        await unit.console.add_link(LINK, moderator_id=ANNA, expires_at=clock.now + timedelta(minutes=10))

    async def use() -> int | None:
        async with database.unit() as unit:
            return await unit.console.use_link(LINK)

    opened = await asyncio.gather(*(use() for _ in range(5)))

    assert [moderator for moderator in opened if moderator is not None] == [ANNA]


async def test_a_link_opens_nothing_when_it_is_unknown_expired_or_replaced(
    database: Database, clock: StoppedClock
) -> None:
    async with database.unit() as unit:
        soon = clock.now + timedelta(minutes=10)
        await unit.console.add_link(LINK, moderator_id=ANNA, expires_at=soon)
        await unit.console.add_link(OTHER_LINK, moderator_id=ANNA, expires_at=soon)
        unknown, replaced = await unit.console.use_link(CSRF), await unit.console.use_link(LINK)
        clock.forward(minutes=10)
        expired = await unit.console.use_link(OTHER_LINK)

    assert (unknown, replaced, expired) == (None, None, None)


async def test_a_session_lasts_until_it_expires_or_is_ended(database: Database, clock: StoppedClock) -> None:
    later = clock.now + timedelta(hours=8)
    async with database.unit() as unit:
        await unit.console.add_session(COOKIE, moderator_id=ANNA, csrf_hash=CSRF, expires_at=later)
        session = await unit.console.session(COOKIE)
        forged = await unit.console.session(LINK)
        await unit.console.end_session(COOKIE)
        ended = await unit.console.session(COOKIE)
        await unit.console.add_session(COOKIE, moderator_id=ANNA, csrf_hash=CSRF, expires_at=later)
        clock.forward(hours=8)
        expired = await unit.console.session(COOKIE)

    assert session is not None
    assert (session.moderator_id, session.csrf_hash, session.expires_at) == (ANNA, CSRF, later)
    assert (forged, ended, expired) == (None, None, None)


async def test_a_moderator_is_shut_out_everywhere_and_the_others_are_not(
    database: Database, clock: StoppedClock
) -> None:
    later = clock.now + timedelta(hours=8)
    async with database.unit() as unit:
        for moderator, link, cookie in [(ANNA, LINK, COOKIE), (BEN, OTHER_LINK, CSRF)]:
            await unit.console.add_link(link, moderator_id=moderator, expires_at=later)
            await unit.console.add_session(cookie, moderator_id=moderator, csrf_hash=CSRF, expires_at=later)
        await unit.console.end_all(ANNA)

        assert (await unit.console.use_link(LINK), await unit.console.session(COOKIE)) == (None, None)
        assert await unit.console.session(CSRF) is not None
        assert await unit.console.use_link(OTHER_LINK) == BEN


async def test_what_has_expired_is_deleted(database: Database, clock: StoppedClock) -> None:
    async with database.unit() as unit:
        await unit.console.add_link(LINK, moderator_id=ANNA, expires_at=clock.now + timedelta(minutes=10))
        await unit.console.add_session(
            COOKIE, moderator_id=ANNA, csrf_hash=CSRF, expires_at=clock.now + timedelta(hours=8)
        )
        pruned = [await unit.console.prune()]
        for _ in range(2):
            clock.forward(hours=4)
            pruned.append(await unit.console.prune())

    assert pruned == [0, 1, 1]
