"""A lease has one holder at a time, is lost by time alone, and goes by the clock of the database."""

import asyncio
from datetime import timedelta

from db_clock import StoppedClock
from sqlalchemy import Interval, func, literal, select, update

from db.database import Database
from db.tables import leases

TTL_S = 10.0


async def run_out(database: Database, clock: StoppedClock) -> None:
    """Time passes: on the server, where it is the server's, and here."""
    clock.forward(seconds=TTL_S + 1)
    async with database.unit() as unit:
        if unit.connection.dialect.name == "postgresql":
            past = leases.c.expires_at - literal(timedelta(seconds=TTL_S + 1), Interval())
            await unit.connection.execute(update(leases).values(expires_at=past))


async def test_what_nobody_holds_is_taken_and_what_somebody_holds_is_not(database: Database) -> None:
    async with database.unit() as unit:
        ours = await unit.leases.take(["a", "b"], "one", TTL_S)
        theirs = await unit.leases.take(["b", "c"], "two", TTL_S)
        again = await unit.leases.take(["a"], "one", TTL_S)

    assert [sorted(names) for names in (ours, theirs, again)] == [["a", "b"], ["c"], ["a"]]


async def test_what_was_not_renewed_in_time_goes_to_who_asks_next(database: Database, clock: StoppedClock) -> None:
    async with database.unit() as unit:
        await unit.leases.take(["a"], "one", TTL_S)
    await run_out(database, clock)

    async with database.unit() as unit:
        [record] = await unit.leases.all()
        taken = await unit.leases.take(["a"], "two", TTL_S)
        kept = await unit.leases.renew("one", TTL_S)
        back = await unit.leases.take(["a"], "one", TTL_S)
    assert (record.valid, taken, kept, back) == (False, frozenset({"a"}), frozenset(), frozenset())


async def test_what_ran_out_and_went_to_nobody_is_still_ones_own(database: Database, clock: StoppedClock) -> None:
    async with database.unit() as unit:
        await unit.leases.take(["a"], "one", TTL_S)
    await run_out(database, clock)

    async with database.unit() as unit:
        kept = await unit.leases.renew("one", TTL_S)
        taken = await unit.leases.take(["a"], "two", TTL_S)
    assert (kept, taken) == (frozenset({"a"}), frozenset())


async def test_what_is_renewed_stays(database: Database, clock: StoppedClock) -> None:
    async with database.unit() as unit:
        await unit.leases.take(["a", "b"], "one", TTL_S)
        await unit.leases.take(["c"], "two", TTL_S)
        before = {record.name: record.expires_at for record in await unit.leases.all()}
    clock.forward(seconds=5)
    async with database.unit() as unit:
        kept = await unit.leases.renew("one", TTL_S)
        after = {record.name: record.expires_at for record in await unit.leases.all()}

    assert kept == {"a", "b"}
    assert after["a"] > before["a"]
    assert after["c"] == before["c"]


async def test_what_is_given_back_is_free_at_once(database: Database) -> None:
    async with database.unit() as unit:
        await unit.leases.take(["a", "b", "c"], "one", TTL_S)
        await unit.leases.give_back("one", ["a"])
        first = await unit.leases.take(["a", "b"], "two", TTL_S)
        await unit.leases.give_back("one")
        rest = await unit.leases.take(["b", "c"], "two", TTL_S)

    assert (sorted(first), sorted(rest)) == (["a"], ["b", "c"])


async def test_of_many_that_ask_at_once_one_gets_it(database: Database) -> None:
    async def ask(number: int) -> frozenset[str]:
        async with database.unit() as unit:
            return await unit.leases.take(["a", "b", "c"], f"bot {number}", TTL_S)

    got = await asyncio.gather(*(ask(number) for number in range(12)))

    assert sorted(name for names in got for name in names) == ["a", "b", "c"]


async def test_the_servers_clock_counts_and_not_ours(database: Database, clock: StoppedClock, engine: str) -> None:
    clock.forward(days=-1000)
    async with database.unit() as unit:
        await unit.leases.take(["a"], "one", TTL_S)
        [record] = await unit.leases.all()
        now = (await unit.connection.execute(select(func.now()))).scalar_one() if engine == "postgresql" else clock.now

    assert timedelta(seconds=TTL_S - 1) < record.expires_at - now < timedelta(seconds=TTL_S + 1)
