"""More photos than anybody needs get one honest word, are answered later, and nobody else waits for them."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlite_file import write_migrated
from stage import NAMED, Stage, asked, photo

from bot.conversation.photo.fair_use import FairUse, Wait
from db.database import Database
from sandbox import ALICE, DAN, DOG_PARK, ChatMessage

START = datetime(2026, 11, 23, 12, tzinfo=UTC)
ANNA, BEN, GROUP = 1, 2, -3
SOON_S = 8.0  # instead of a minute: long enough for all photos to be there on a busy machine


async def answers_to(stage: Stage, sent: list[ChatMessage]) -> list[ChatMessage]:
    async def answer_to(message: ChatMessage) -> ChatMessage:
        return await stage.chat.wait_for_reply(
            message, lambda one: one.reply_to_id == message.message_id and one.has_button("✅")
        )

    return [await answer_to(message) for message in sent]


class Clock:
    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def after(self, seconds: float) -> datetime:
        self.now = START + timedelta(seconds=seconds)
        return self.now


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    database = await Database.open(write_migrated(tmp_path / "bot.db"))
    yield database
    await database.close()


async def test_so_many_in_any_minute_and_no_more(database: Database) -> None:
    clock = Clock()
    fair_use = FairUse(database, per_user=2, per_chat=0, clock=clock)
    at = [0, 10, 20, 59, 61, 62, 71]
    waits = [
        await fair_use.admit(update, clock.after(second), user_id=ANNA, chat_id=None)
        for update, second in enumerate(at, 1)
    ]

    assert [wait.wait_s if wait else None for wait in waits] == [None, None, 40, 1, None, 8, None]


async def test_everybody_has_a_limit_of_their_own_and_a_group_one_for_all(database: Database) -> None:
    clock = Clock()
    fair_use = FairUse(database, per_user=2, per_chat=3, clock=clock)
    people = [ANNA, ANNA, ANNA, BEN, BEN, None]
    waits = [await fair_use.admit(n, clock.now, user_id=one, chat_id=GROUP) for n, one in enumerate(people, 1)]

    assert [wait and (wait.whose, wait.id) for wait in waits] == [
        None, None, ("user", ANNA), None, ("chat", GROUP), ("chat", GROUP)
    ]  # fmt: skip


async def test_photos_sent_over_an_hour_that_all_come_at_once_are_all_taken(database: Database) -> None:
    clock = Clock()
    fair_use = FairUse(database, per_user=2, per_chat=0, clock=clock)
    clock.after(3600)
    waits = [
        await fair_use.admit(n, START + timedelta(seconds=40 * n), user_id=ANNA, chat_id=None) for n in range(1, 80)
    ]

    assert waits == [None] * 79


async def test_an_update_that_is_handled_again_is_one_photo(database: Database) -> None:
    clock = Clock()
    fair_use = FairUse(database, per_user=2, per_chat=2, clock=clock)
    waits = [await fair_use.admit(n, clock.now, user_id=ANNA, chat_id=GROUP) for n in (7, 7, 8, 7, 8, 9)]

    assert [wait is None for wait in waits] == [True] * 5 + [False]


async def test_a_restart_forgives_nothing(database: Database) -> None:
    clock = Clock()
    async with database.unit() as unit:
        await unit.users.seen(ANNA, "en")
        await unit.photos.add("a" * 64, size_bytes=1, mime="", width=1, height=1)
        for _ in range(3):
            await unit.jobs.add(photo_sha256="a" * 64, user_id=ANNA, chat_id=ANNA, message_id=1)
        [*_, taken_at] = await unit.jobs.last_of_user(ANNA, 3)
    clock.now = taken_at + timedelta(seconds=10)
    fair_use = FairUse(database, per_user=3, per_chat=0, clock=clock)

    wait = await fair_use.admit(1, clock.now, user_id=ANNA, chat_id=None)

    assert wait is not None
    assert (wait.limit, round(wait.wait_s)) == (3, 50)


async def test_no_limit_is_no_limit(database: Database) -> None:
    fair_use = FairUse(database, per_user=0, per_chat=0)

    assert [await fair_use.admit(n, START, user_id=ANNA, chat_id=GROUP) for n in range(99)] == [None] * 99


async def test_people_not_heard_of_for_long_take_no_memory(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.conversation.photo.fair_use.KEPT", 10)
    fair_use = FairUse(database, per_user=2, per_chat=0)
    for user_id in range(1, 40):
        await fair_use.admit(user_id, START, user_id=user_id, chat_id=None)
        fair_use.told("user", user_id, 60)

    assert (len(fair_use._taken), len(fair_use._told)) == (10, 10)


async def test_one_word_for_each_wait(database: Database) -> None:
    clock = Clock()
    fair_use = FairUse(database, per_user=1, per_chat=0, clock=clock)
    before = fair_use.to_be_told("user", ANNA)
    fair_use.told("user", ANNA, 40)
    during = fair_use.to_be_told("user", ANNA), fair_use.to_be_told("user", BEN), fair_use.left_s("user", ANNA)
    clock.after(41)

    assert (before, during) == (True, (False, True, 40))
    assert fair_use.to_be_told("user", ANNA)
    assert Wait("user", 1, 1, 1.0).wait_s == 1


async def test_what_waits_goes_in_order_also_where_there_is_room_again(database: Database) -> None:
    clock = Clock()
    fair_use = FairUse(database, per_user=2, per_chat=0, clock=clock)

    async def admitted(update_id: int, second: float) -> bool:
        clock.after(second)
        return await fair_use.admit(update_id, clock.now, user_id=ANNA, chat_id=None, queue="anna") is None

    first = [await admitted(update, 0) for update in (1, 2, 3, 4)]
    newer = await admitted(5, 61)  # there is room, but 3 and 4 were first
    then = [await admitted(update, 61) for update in (3, 4, 5)]
    later = await admitted(5, 122), await admitted(6, 122)

    assert first == [True, True, False, False]
    assert not newer
    assert then == [True, True, False]
    assert later == (True, True)


async def test_so_many_may_wait_and_others_than_those_are_left_out(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.conversation.photo.fair_use.WAITING_LIMIT", 2)
    clock = Clock()
    fair_use = FairUse(database, per_user=1, per_chat=0, clock=clock)
    waits = [await fair_use.admit(n, clock.now, user_id=ANNA, chat_id=None, queue="anna") for n in (1, 2, 3, 4, 3)]

    assert [wait and wait.left_out for wait in waits] == [None, False, False, True, False]


async def test_who_sends_too_many_is_told_once_and_answered_in_order_and_others_at_once(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.conversation.photo.fair_use.WINDOW_S", SOON_S)
    stage.set(photos_per_user_minute=3)
    async with stage.bot():
        sent = [await stage.chat.send_photo(ALICE, photo(shade)) for shade in range(6)]
        other = await stage.chat.send_photo(DAN, photo(99))
        await stage.chat.wait_for_reply(other)
        before = [one for one in stage.chat.messages(ALICE) if one.from_bot]
        answers = await answers_to(stage, sent)
        await stage.settled()
        replies = [one for one in stage.chat.messages(ALICE) if one.from_bot]

    words = [one for one in replies if "⏳ I take 3 photos a minute" in one.text]
    assert len(before) <= 4
    assert len(replies) == 7
    assert [one.reply_to_id for one in words] == [sent[3].message_id]
    assert [one.message_id for one in answers] == sorted(one.message_id for one in answers)


async def test_what_waits_is_answered_after_a_restart_and_holds_up_nothing_else(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.conversation.photo.fair_use.WINDOW_S", SOON_S)
    stage.set(photos_per_user_minute=1)
    async with stage.bot():
        sent = [await stage.chat.send_photo(ALICE, photo(shade)) for shade in range(2)]
        await stage.chat.wait_for_reply(sent[1])
        await asked(stage, "/help")  # is said at once
    async with stage.bot():
        answers = await answers_to(stage, sent)
        await stage.settled()

    assert [one.message_id for one in answers] == sorted(one.message_id for one in answers)


async def test_a_group_has_a_limit_for_all_its_members(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.conversation.photo.fair_use.WINDOW_S", SOON_S)
    stage.set(photos_per_chat_minute=2)
    async with stage.bot():
        sent = [
            await stage.chat.send_photo(who, photo(shade), chat=DOG_PARK, caption=NAMED)
            for shade, who in enumerate((ALICE, DAN, ALICE, DAN))
        ]
        await answers_to(stage, sent)
        await stage.settled()
        words = [one for one in stage.chat.messages(DOG_PARK) if "from one group" in one.text]

    assert [one.reply_to_id for one in words] == [sent[2].message_id]


async def test_an_album_of_a_group_whose_naming_photo_waits_is_answered_as_a_whole(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.conversation.photo.fair_use.WINDOW_S", SOON_S)
    stage.set(photos_per_user_minute=2)
    async with stage.bot():
        for shade in (1, 2):
            await stage.chat.send_photo(ALICE, photo(shade), chat=DOG_PARK, caption=NAMED)
        album = await stage.chat.send_album(ALICE, [photo(3), photo(4)], chat=DOG_PARK, caption=NAMED)
        await stage.chat.wait_for_reply(album[0], lambda one: one.has_button("2"))


async def test_who_asks_by_a_command_is_asked_to_come_back(stage: Stage) -> None:
    stage.set(photos_per_user_minute=1)
    async with stage.bot():
        sent = await stage.chat.send_photo(ALICE, photo())
        await stage.chat.wait_for_reply(sent)
        command = await stage.chat.send_text(ALICE, "/breed", reply_to=sent)
        word = await stage.chat.wait_for_reply(command)

    assert "please ask again in" in word.text
