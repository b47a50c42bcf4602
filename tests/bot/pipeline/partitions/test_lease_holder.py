"""A bot says nothing when its leases may have run out, goes on when they are its own still, and lets go of the rest."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlite_file import write_migrated

from bot.pipeline.partitions.lease_holder import LeaseHolder, Terms
from db.database import Database
from db.errors import DatabaseUnavailable
from db.partitions import ALL, Partitions, partition_of

TERMS = Terms()
CHAT = 7


class Clocks:
    """The database's and the bots' own, which go together, until somebody is cut off."""

    def __init__(self) -> None:
        self.now_s = 1000.0

    def monotonic(self) -> float:
        return self.now_s

    def utc(self) -> datetime:
        return datetime(2026, 3, 1, tzinfo=UTC) + timedelta(seconds=self.now_s)

    def forward(self, seconds: float) -> None:
        self.now_s += seconds


class Notes:
    """A tenant that writes down what it is told."""

    def __init__(self) -> None:
        self.ours: set[int] = set()
        self.at_work: set[int] = set()
        self.bots = 0
        self.losses = 0

    def gained(self, partitions: Partitions) -> None:
        self.ours |= partitions

    def lost(self, partitions: Partitions) -> None:
        self.ours -= partitions
        self.losses += 1

    def busy(self, partition: int) -> bool:
        return partition in self.at_work

    def divided(self, bots: int) -> None:
        self.bots = bots


class Bot:
    """A tenure whose rounds the test makes."""

    def __init__(self, database: Database, clocks: Clocks) -> None:
        self.clocks = clocks
        self.notes = Notes()
        self.tenure = LeaseHolder(database, TERMS, clock=clocks.monotonic)

    async def round(self) -> None:
        await self.tenure._round(self.notes, self.clocks.monotonic())
        await self.tenure._hand_over(self.notes)


@pytest.fixture
def clocks() -> Clocks:
    return Clocks()


@pytest.fixture
async def database(tmp_path: Path, clocks: Clocks) -> AsyncIterator[Database]:
    database = await Database.open(write_migrated(tmp_path / "bot.db"), clock=clocks.utc)
    yield database
    await database.close()


@asynccontextmanager
async def running(bot: Bot) -> AsyncIterator[None]:
    task = asyncio.ensure_future(bot.tenure.run(bot.notes))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])


async def test_the_first_bot_has_everything_at_once(database: Database, clocks: Clocks) -> None:
    bot = Bot(database, clocks)
    before = bot.tenure.may(CHAT), bot.tenure.owns(CHAT), bot.tenure.leads, bot.tenure.trouble()
    await bot.round()

    assert before[:3] == (False, False, False)
    assert before[3]
    assert bot.notes.ours == bot.tenure.partitions == ALL
    assert (bot.tenure.may(CHAT), bot.tenure.owns(CHAT), bot.tenure.leads, bot.tenure.polls) == (True, True, True, True)
    assert (bot.tenure.trouble(), bot.notes.bots) == (None, 1)


async def test_a_second_bot_gets_its_share_and_no_chat_is_ever_two_bots(database: Database, clocks: Clocks) -> None:
    first, second = Bot(database, clocks), Bot(database, clocks)
    await first.round()
    for _ in range(4):
        clocks.forward(TERMS.renew_s)
        for bot in (second, first):
            await bot.round()
            assert not first.tenure.partitions & second.tenure.partitions

    assert len(first.tenure.partitions) == len(second.tenure.partitions) == 8
    assert first.notes.ours == first.tenure.partitions
    assert [bot.tenure.leads for bot in (first, second)] == [True, False]
    assert (first.notes.bots, second.notes.bots) == (2, 2)


async def test_what_is_under_way_is_finished_before_its_partition_goes(database: Database, clocks: Clocks) -> None:
    first, second = Bot(database, clocks), Bot(database, clocks)
    await first.round()
    first.notes.at_work |= ALL
    await second.round()
    clocks.forward(1)
    await first.round()
    closing = next(iter(ALL - first.tenure.partitions))
    await second.round()
    meanwhile = first.tenure.owns(closing), first.tenure.may(closing), second.tenure.partitions
    first.notes.at_work.clear()
    await first.round()
    await second.round()

    assert meanwhile == (False, True, frozenset())
    assert not first.tenure.may(closing)
    assert second.tenure.may(closing)


async def test_what_does_not_end_is_not_waited_for_for_ever(database: Database, clocks: Clocks) -> None:
    first, second = Bot(database, clocks), Bot(database, clocks)
    await first.round()
    first.notes.at_work |= ALL
    await second.round()
    await first.round()
    clocks.forward(TERMS.handover_s + 0.1)
    await first.round()
    await second.round()

    assert len(second.tenure.partitions) == 8


async def test_nothing_is_said_when_the_leases_may_have_run_out_and_all_goes_on_if_they_have_not(
    database: Database, clocks: Clocks
) -> None:
    bot = Bot(database, clocks)
    await bot.round()
    clocks.forward(TERMS.ttl_s - TERMS.safety_s + 0.01)
    late = bot.tenure.may(CHAT), bot.tenure.leads, bot.tenure.polls, bot.tenure.owns(CHAT)
    clocks.forward(60)
    await bot.round()

    assert late == (False, False, False, True)  # still its own, as far as anybody knows
    assert bot.tenure.may(CHAT)
    assert bot.notes.losses == 0


async def test_a_dead_bots_chats_go_to_the_others_when_their_time_is_up(database: Database, clocks: Clocks) -> None:
    dead, alive = Bot(database, clocks), Bot(database, clocks)
    await dead.round()
    for _ in range(2):
        await alive.round()
        clocks.forward(TERMS.renew_s)
        await dead.round()
    await alive.round()
    clocks.forward(TERMS.ttl_s - 0.1)
    await alive.round()
    early = len(alive.tenure.partitions)
    clocks.forward(0.2)
    assert not any(dead.tenure.may(chat) for chat in ALL)
    await alive.round()

    assert (early, alive.tenure.partitions) == (8, ALL)
    assert alive.tenure.leads
    assert alive.tenure.polls


async def test_who_slept_too_long_finds_that_others_have_its_chats(database: Database, clocks: Clocks) -> None:
    sleeper, other = Bot(database, clocks), Bot(database, clocks)
    await sleeper.round()
    await other.round()
    clocks.forward(TERMS.ttl_s + TERMS.calm_s)
    await other.round()
    assert not sleeper.tenure.may(CHAT)
    await sleeper.round()

    assert other.tenure.partitions == ALL
    assert sleeper.tenure.partitions == frozenset()
    assert sleeper.notes.ours == set()


async def test_who_ends_beside_others_gives_everything_back_at_once(database: Database, clocks: Clocks) -> None:
    leaving, staying = Bot(database, clocks), Bot(database, clocks)
    await leaving.round()
    for _ in range(2):
        await staying.round()
        await leaving.round()
    leaving.tenure.retire()
    duties = leaving.tenure.leads, leaving.tenure.polls
    await leaving.round()
    await leaving.tenure.end()
    await staying.round()

    assert duties == (False, False)
    assert not any(leaving.tenure.may(chat) for chat in ALL)
    assert staying.tenure.partitions == ALL
    assert staying.tenure.leads


async def test_a_bot_alone_finishes_what_is_in_hand_before_it_ends(database: Database, clocks: Clocks) -> None:
    bot = Bot(database, clocks)
    await bot.round()
    bot.tenure.retire()
    await bot.round()

    assert bot.tenure.may(CHAT)


async def test_a_database_that_is_away_is_asked_again(
    database: Database, clocks: Clocks, monkeypatch: pytest.MonkeyPatch
) -> None:
    bot, there = Bot(database, clocks), asyncio.Event()
    real, tries = bot.tenure._take, 0

    async def take(*args: object, **options: object) -> object:
        nonlocal tries
        tries += 1
        if tries == 1:
            raise DatabaseUnavailable("away")
        there.set()
        return await real(*args, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(bot.tenure, "_take", take)
    async with running(bot), asyncio.timeout(60):
        while not there.is_set():
            clocks.forward(TERMS.again_s)
            bot.tenure.look()
            await asyncio.sleep(0.01)


def test_every_chat_has_a_partition() -> None:
    assert {partition_of(chat) for chat in range(-1000, 1000)} == ALL
