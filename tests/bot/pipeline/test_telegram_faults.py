"""Telegram is slow, busy, broken or cut off: everything is tried again, chat by chat, and nothing is lost."""

import logging

import pytest
from stage import NAMED, Stage, leading, photo
from stored import unanswered_jobs

from bot.telegram.client import TelegramBot
from bot.texts import say_plain
from core.retry import Backoff
from sandbox import ALICE, BRUNO, CHLOE, DAN, DOG_PARK, DOWNLOAD, FaultKind, Persona

BEFORE = [
    ("server_error", "sendMessage"),
    ("drop_before", "sendMessage"),
    ("server_error", "getFile"),
    ("drop_before", "getFile"),
    ("server_error", DOWNLOAD),
    ("drop_before", DOWNLOAD),
    ("drop_after", DOWNLOAD),
    ("drop_after", "getFile"),
    ("unavailable", "getFile"),
    ("pathless", "getFile"),
    ("not_found", DOWNLOAD),
    ("server_error", "getUpdates"),
    ("drop_before", "getUpdates"),
    ("drop_after", "getUpdates"),
    ("too_many_requests", "getUpdates"),
    ("conflict", "getUpdates"),
    ("server_error", "deleteWebhook"),
    ("server_error", "getMe"),
    ("drop_before", "sendChatAction"),
]

REFUSE = "BEGIN SELECT RAISE(ABORT, 'no room'); END"  # stands in for a disk that is full
UPDATE = (
    '{"update_id": 1, "message": {"message_id": 1, "date": 1, "text": "hello", "chat": {"id": %s, "type": "private"}, '
    '"from": {"id": 5, "is_bot": false, "first_name": "A"}}}'
)


def replies(stage: Stage, person: Persona) -> list[int]:
    return [one.message_id for one in stage.chat.messages(person) if one.from_bot]


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "method"), BEFORE)
async def test_a_photo_is_answered_once_although_calls_fail(stage: Stage, kind: str, method: str) -> None:
    stage.chat.faults.add(kind, method=method, times=1 if kind == "too_many_requests" else 3)
    sent = await stage.chat.send_photo(ALICE, photo())

    async with stage.bot():
        await stage.chat.wait_for_reply(sent)
        await stage.settled()

    assert len(replies(stage, ALICE)) == 1


async def test_an_answer_whose_receipt_was_lost_is_sent_again_rather_than_never(stage: Stage) -> None:
    stage.chat.faults.add("drop_after", method="sendMessage", times=1)

    async with stage.bot():
        await stage.chat.wait_for_reply(await stage.chat.send_photo(ALICE, photo()))
        await stage.settled()

    assert len(replies(stage, ALICE)) == 2


async def test_an_answer_that_cannot_be_marked_is_sent_once(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    await stage.change_database(f"CREATE TRIGGER full BEFORE UPDATE OF answered_at ON jobs {REFUSE}")

    async with stage.bot():
        await stage.chat.wait_for_reply(await stage.chat.send_photo(ALICE, photo()))
        await stage.until(lambda: caplog.text.count("is not noted") >= 3)
        await stage.change_database("DROP TRIGGER full")
        await stage.settled()

    assert len(replies(stage, ALICE)) == 1


async def test_a_reply_whose_update_cannot_be_closed_is_sent_once(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    await stage.change_database(f"CREATE TRIGGER full BEFORE UPDATE OF done_at ON inbox {REFUSE}")

    async with stage.bot():
        await stage.chat.wait_for_reply(await stage.chat.send_text(ALICE, "hello"))
        await stage.until(lambda: caplog.text.count("is not noted") >= 4)
        await stage.change_database("DROP TRIGGER full")
        await stage.settled()

    assert len(replies(stage, ALICE)) == 1
    assert stage.edit_database("SELECT count(*) FROM inbox WHERE done_at IS NULL") == [(0,)]


async def test_an_update_that_slipped_out_of_our_hands_is_taken_up_again(stage: Stage) -> None:
    stage.hurry(sweep_s=0.2)

    async with stage.bot():
        await stage.chat.wait_for_reply(await stage.chat.send_text(ALICE, "hello"))
        await stage.settled()
        await stage.change_database(  # as a commit leaves it whose success nobody heard of
            "INSERT INTO inbox (update_id, chat_id, received_at, attempts, payload) "
            f"VALUES (1, {ALICE.id}, '2026-01-01', 0, '{UPDATE % ALICE.id}')"
        )
        await stage.until(lambda: len(replies(stage, ALICE)) == 2)
        await stage.until(lambda: stage.edit_database("SELECT 1 FROM inbox WHERE done_at IS NULL") == [])

    assert len(replies(stage, ALICE)) == 2


async def test_updates_that_come_twice_are_answered_once(stage: Stage) -> None:
    stage.chat.faults.add("duplicate")

    async with stage.bot():
        for shade in range(3):
            await stage.chat.wait_for_reply(await stage.chat.send_photo(ALICE, photo(shade)))
        await stage.settled()

    assert len(replies(stage, ALICE)) == 3


@pytest.mark.slow
@pytest.mark.parametrize("retry_after", [1, 600])
async def test_a_chat_that_must_wait_delays_no_other_and_is_not_asked_too_early(stage: Stage, retry_after: int) -> None:
    stage.hurry(patience_s=0.2)
    stage.chat.faults.add("too_many_requests", method="sendMessage", chat_id=ALICE.id, times=1, retry_after=retry_after)

    async with stage.bot():
        hers = await stage.chat.send_photo(ALICE, photo())
        await stage.called("sendMessage")
        await stage.chat.wait_for_reply(await stage.chat.send_photo(BRUNO, photo()))
        if retry_after == 1:
            await stage.chat.wait_for_reply(hers)
            await stage.settled()

    assert stage.chat.faults.early_retries == 0


async def test_many_chats_in_trouble_do_not_take_all_places(stage: Stage) -> None:
    stage.set(sends_at_once=2, handlers_at_once=2)
    in_trouble = [stage.chat.add_person(f"Person {number}") for number in range(6)]
    for person in in_trouble:
        stage.chat.faults.add("server_error", chat_id=person.id)

    async with stage.bot():
        for person in in_trouble:
            await stage.chat.send_photo(person, photo())
        await stage.chat.wait_for_reply(await stage.chat.send_photo(BRUNO, photo()))
        stage.chat.faults.clear()
        for person in in_trouble:
            await stage.chat.wait_for(lambda one: one.from_bot, chat=person)


async def test_a_user_who_blocked_the_bot_is_given_up_quietly(stage: Stage) -> None:
    async with stage.bot(work=False):
        await stage.chat.send_photo(ALICE, photo())
        await stage.until(lambda: stage.app.photos_waiting)
        await stage.chat.block(ALICE)
        stage.worker.may_work.set()
        await stage.chat.wait_for_reply(await stage.chat.send_photo(BRUNO, photo()))
        await stage.settled()
        async with stage.database.unit() as unit:
            assert await unanswered_jobs(unit) == []

    assert replies(stage, ALICE) == []


async def test_two_pollers_say_so_and_go_on_calmly(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    stage.chat.faults.add("conflict", times=4)

    with caplog.at_level(logging.WARNING, "bot.telegram.polling"):
        async with stage.bot():
            await stage.chat.wait_for_reply(await stage.chat.send_photo(ALICE, photo()))

    messages = [record.getMessage() for record in caplog.records if record.name == "bot.telegram.polling"]
    assert len(messages) == 4
    assert all("another program fetches this bot's updates" in message for message in messages)


async def test_the_backlog_of_a_time_without_bot_is_answered(stage: Stage) -> None:
    sent = [await stage.chat.send_photo(person, photo()) for person in (ALICE, BRUNO, CHLOE, DAN)]

    async with stage.bot():
        for one in sent:
            await stage.chat.wait_for_reply(one)


async def test_a_server_that_comes_up_later_is_waited_for(stage: Stage) -> None:
    port = int(stage.chat.url.rsplit(":", 1)[1])
    await stage.chat.stop()

    async with stage.bot() as app:
        assert (await app.parts.health.problems())["telegram"]
        await stage.chat.start("127.0.0.1", port, stage.folder / "chat")
        await stage.chat.wait_for_reply(await stage.chat.send_photo(ALICE, photo()))
        assert await app.parts.health.problems() == {}


async def test_a_webhook_left_by_an_earlier_life_is_removed(stage: Stage) -> None:
    bot = TelegramBot(stage.chat.url, stage.chat.token, stage.timing, leading())
    async with bot:
        await bot.set_webhook("http://127.0.0.1:9/nowhere")
    sent = await stage.chat.send_photo(ALICE, photo())

    async with stage.bot():
        await stage.chat.wait_for_reply(sent)


async def test_a_handler_that_cannot_get_through_apologises_when_it_can(stage: Stage) -> None:
    stage.hurry(in_trouble=Backoff(0.001, 0.002), at_once=Backoff(0.001, 0.002))
    stage.chat.faults.add("server_error", method="getFile")

    async with stage.bot():
        sent = await stage.chat.send_photo(ALICE, photo())
        apology = await stage.chat.wait_for_reply(sent)
        await stage.chat.wait_for_reply(await stage.chat.send_text(ALICE, "/help"))

    assert "send it again" in apology.text


async def test_a_photo_in_a_group_that_cannot_be_had_is_apologised_for(stage: Stage) -> None:
    stage.hurry(in_trouble=Backoff(0.001, 0.002), at_once=Backoff(0.001, 0.002))
    stage.chat.faults.add("server_error", method="getFile")

    async with stage.bot():
        sent = await stage.chat.send_photo(ALICE, photo(), chat=DOG_PARK, caption=NAMED)
        apology = await stage.chat.wait_for_reply(sent)

    assert apology.text == say_plain("en", "failure-internal")


async def test_the_apology_for_a_text_does_not_speak_of_a_photo(stage: Stage) -> None:
    async with stage.bot():
        await stage.change_database(f"CREATE TRIGGER full BEFORE UPDATE OF awaiting_search_for ON users {REFUSE}")
        apology = await stage.chat.wait_for_reply(await stage.chat.send_text(ALICE, "/help"))

    assert apology.text == say_plain("en", "apology")


@pytest.mark.slow
async def test_trouble_of_all_kinds_loses_nothing(stage: Stage) -> None:
    faults = stage.chat.faults
    faults.add("server_error", probability=0.05)
    faults.add("drop_before", probability=0.05)
    faults.add("drop_after", probability=0.05)
    faults.add("duplicate", probability=0.1)
    people = [stage.chat.add_person(f"Person {number}") for number in range(8)]

    async with stage.bot():
        sent = [await stage.chat.send_photo(person, photo(shade)) for person in people for shade in range(3)]
        await stage.replies(sent, timeout_s=60)
        faults.clear()
        await stage.settled()

    extra = sum(len(replies(stage, person)) for person in people) - len(sent)
    lost_receipts = sum(
        n for (kind, method), n in faults.injected.items() if kind is FaultKind.DROP_AFTER and method == "sendMessage"
    )
    assert extra <= lost_receipts


@pytest.mark.slow
async def test_a_pause_asked_for_by_the_file_server_is_sat_out_and_costs_nobody_their_turn(stage: Stage) -> None:
    stage.hurry(in_trouble=Backoff(60.0, 60.0))  # a chat that is put off would not be answered in time
    stage.chat.faults.add("too_many_requests", method=DOWNLOAD, times=1)
    stage.chat.faults.add("server_error", method=DOWNLOAD, times=2)

    async with stage.bot():
        first = await stage.chat.send_photo(ALICE, photo(1))
        await stage.called(DOWNLOAD)
        second = await stage.chat.send_photo(BRUNO, photo(2))
        await stage.replies([first, second])

    assert stage.chat.faults.early_retries == 0
