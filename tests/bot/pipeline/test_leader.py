"""One bot leads, by a lease that runs out by itself; whoever was frozen and wakes up late says nothing."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from postgres_server import PostgresServer
from sqlite_file import write_migrated
from telegram.error import NetworkError

from bot.pipeline.leader import LEASE, OLDER, Leader, LeaseTimes
from bot.telegram.client import TelegramRequests
from bot.term import FOREVER, Term, TermOver
from db.database import Database

TIMES = LeaseTimes(lease_s=0.8, term_s=0.5, renew_s=0.1, again_s=0.05, look_s=0.05, calm_s=0.2)


class Bot:
    """Leads until it is told to stop, or cut off."""

    def __init__(self, database: Database, times: LeaseTimes = TIMES) -> None:
        self.term = Term()
        self.leader = Leader(database, self.term, times)
        self.led = asyncio.Event()
        self.stop = asyncio.Event()
        self.cut_off: bool | None = None
        self.task = asyncio.ensure_future(self.leader.run(self.lead))

    async def lead(self, cut_off: bool) -> None:
        self.cut_off = cut_off
        self.led.set()
        try:
            await self.stop.wait()
        finally:
            self.led.clear()

    async def leads(self) -> None:
        async with asyncio.timeout(20):
            await self.led.wait()

    async def ends(self) -> None:
        self.stop.set()
        await self.task

    async def dies(self) -> None:
        self.task.cancel()
        with suppress(asyncio.CancelledError):
            await self.task


@asynccontextmanager
async def shared(postgres: PostgresServer) -> AsyncIterator[Database]:
    name = postgres.new_database()
    database = await Database.open(postgres.url(name))
    try:
        yield database
    finally:
        await database.close()
        postgres.drop_database(name)


async def test_the_second_stands_by_and_leads_when_the_first_ends(postgres: PostgresServer) -> None:
    async with shared(postgres) as database:
        first = Bot(database)
        await first.leads()
        second = Bot(database)
        await asyncio.sleep(TIMES.lease_s * 2)
        alone = first.led.is_set() and not second.led.is_set()
        await first.ends()
        await second.leads()
        await second.ends()

    assert alone
    assert (first.cut_off, second.cut_off) == (False, False)


async def test_the_second_leads_when_the_first_died_and_hears_that_it_was_cut_off(postgres: PostgresServer) -> None:
    async with shared(postgres) as database:
        first = Bot(database)
        await first.leads()
        second = Bot(database)
        await first.dies()
        await second.leads()
        await second.ends()

    assert second.cut_off


async def test_who_was_frozen_finds_the_term_over_and_the_lease_gone(postgres: PostgresServer) -> None:
    async with shared(postgres) as database:
        frozen = Bot(database, LeaseTimes(lease_s=0.8, term_s=0.5, renew_s=30.0, look_s=5.0, calm_s=0.2))
        await frozen.leads()  # and renews nothing, as if it were stopped
        other = Bot(database)
        await other.leads()
        with pytest.raises(TermOver):
            frozen.term.check()
        async with database.unit() as unit:
            kept = await unit.leases.renew(frozen.leader.holder, 1.0)
        await frozen.dies()
        await other.ends()

    assert kept == frozenset()


async def test_a_bot_of_an_older_version_is_waited_for(
    postgres: PostgresServer, caplog: pytest.LogCaptureFixture
) -> None:
    async with shared(postgres) as database:
        async with database.unit() as unit:
            await unit.leases.take([f"{OLDER}old-1"], "old-1", 60.0)
        bot = Bot(database)
        await asyncio.sleep(TIMES.lease_s)
        waited = not bot.led.is_set()
        async with database.unit() as unit:
            await unit.leases.give_back("old-1")
        await bot.leads()
        await bot.ends()

    assert waited
    [said] = [record.getMessage() for record in caplog.records if "old-1" in record.getMessage()]
    assert said.startswith("bots of an older version")


async def test_the_only_bot_on_a_file_leads_at_once_also_after_a_kill(tmp_path: Path) -> None:
    database = await Database.open(write_migrated(tmp_path / "bot.db"))
    try:
        async with database.unit() as unit:
            await unit.leases.take([LEASE], "killed", 3600.0)
        bot = Bot(database, LeaseTimes())
        async with asyncio.timeout(5):
            await bot.leads()
        await bot.ends()
        async with database.unit(read_only=True) as unit:
            left = await unit.leases.all()
    finally:
        await database.close()

    assert (bot.cut_off, left) == (True, ())


async def test_nothing_reaches_the_server_once_the_term_is_over_not_even_on_an_open_connection() -> None:
    calls: list[str] = []

    async def take(request: web.Request) -> web.Response:
        calls.append(request.path)
        return web.json_response({"ok": True, "result": True})

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", take)
    term = Term()
    term.renew(FOREVER)
    requests = TelegramRequests(4, 5.0, term, by_proxy=False)
    async with TestServer(app) as server:
        await requests.initialize()
        try:
            await requests.do_request(str(server.make_url("/first")), "POST")
            term.end()
            for _ in range(3):
                with pytest.raises(NetworkError):
                    await requests.do_request(str(server.make_url("/second")), "POST")
            with term.introduction():
                await requests.do_request(str(server.make_url("/who-am-i")), "POST")
        finally:
            await requests.shutdown()

    assert calls == ["/first", "/who-am-i"]


def test_a_term_goes_by_a_clock_that_does_not_stop_while_the_process_does() -> None:
    now = 100.0
    term = Term(lambda: now)
    term.renew(term.now() + 5.0)
    term.check()
    now = 130.0  # the lid was closed

    with pytest.raises(TermOver):
        term.check()
