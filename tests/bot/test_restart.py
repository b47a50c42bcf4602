"""Whenever the bot is cut off, the next life takes up where it was: every photo is answered."""

import asyncio

import pytest
from stage import Stage, photo

from bot.localchat import ALICE, BRUNO, ChatMessage


async def test_a_photo_that_waited_for_the_worker_is_answered_by_the_next_life(stage: Stage) -> None:
    async with stage.bot(work=False, stop=False):
        sent = await stage.chat.send_photo(ALICE, photo())
        await stage.until(lambda: stage.app.photos_waiting)
    async with stage.bot():
        await stage.chat.wait_for_reply(sent)


async def test_an_answer_that_was_not_sent_is_sent_by_the_next_life(stage: Stage) -> None:
    rule = stage.chat.faults.add("server_error", method="sendMessage")
    async with stage.bot(stop=False):
        sent = await stage.chat.send_photo(ALICE, photo())
        await stage.called("sendMessage")
    stage.chat.faults.remove(rule)
    async with stage.bot():
        await stage.chat.wait_for_reply(sent)

        assert stage.worker.looked_at == []


async def test_an_update_that_was_stored_but_not_handled_is_handled_by_the_next_life(stage: Stage) -> None:
    rule = stage.chat.faults.add("server_error", method="getFile")
    async with stage.bot(stop=False):
        sent = await stage.chat.send_photo(ALICE, photo())
        await stage.called("getFile")
        await stage.until(lambda: stage.chat.pending_updates() == 0)  # confirmed: Telegram will not send it again
    stage.chat.faults.remove(rule)
    async with stage.bot():
        await stage.chat.wait_for_reply(sent)


async def test_a_message_about_the_queue_of_an_earlier_life_goes_with_the_answer(stage: Stage) -> None:
    stage.hurry(notice_after_s=0.02)
    stage.set(drain_s=0.5)
    async with stage.bot(work=False):
        sent = await stage.chat.send_photo(ALICE, photo())
        await stage.chat.wait_for_reply(sent)
        await stage.until(lambda: stage.edit_database("SELECT progress_message_id FROM jobs") != [(None,)])
    async with stage.bot():
        answer = await stage.chat.wait_for_reply(sent, lambda one: one.has_button("✅"))
        await stage.called("deleteMessage")
        await stage.settled()

    assert [one.message_id for one in stage.chat.messages(ALICE) if one.from_bot] == [answer.message_id]


@pytest.mark.parametrize("after_s", [0.0, 0.02, 0.07, 0.2])
async def test_cut_off_at_any_moment_every_photo_is_answered(stage: Stage, after_s: float) -> None:
    sent = [await stage.chat.send_photo(person, photo(n)) for n in range(4) for person in (ALICE, BRUNO)]
    for _ in range(3):
        async with stage.bot(stop=False):
            await asyncio.sleep(after_s)  # the moment is the point
    async with stage.bot():
        await stage.replies(sent)


async def test_a_stop_finishes_what_is_in_hand_and_takes_nothing_new(stage: Stage) -> None:
    async with stage.bot():
        sent = [await stage.chat.send_photo(ALICE, photo(shade)) for shade in range(5)]
        await stage.until(lambda: stage.chat.pending_updates() == 0)
    late = await stage.chat.send_photo(ALICE, photo(99))
    answered = {one.reply_to_id for one in stage.chat.messages(ALICE) if one.from_bot}

    assert answered == {one.message_id for one in sent}
    assert late.message_id not in answered


async def test_a_stop_ends_intake_first_then_lets_the_worker_finish_then_sends_what_it_found(stage: Stage) -> None:
    async with stage.bot():
        first = await stage.chat.wait_for_reply(await stage.chat.send_photo(ALICE, photo()))
        stage.worker.may_work.clear()
        in_work = await stage.chat.send_photo(ALICE, photo())
        await stage.until(lambda: not stage.worker.free.is_set())
        drained = asyncio.Event()

        async def drain(deadline_s: float) -> None:
            late.append(await stage.chat.send_photo(BRUNO, photo(7)))  # nobody fetches it any more
            stage.worker.may_work.set()
            await stage.worker.free.wait()
            drained.set()

        late: list[ChatMessage] = []
        stage.worker.drain = drain  # type: ignore[method-assign]

    assert drained.is_set()
    told = [one.reply_to_id for one in stage.chat.messages(ALICE) if one.from_bot]
    assert told == [first.reply_to_id, in_work.message_id]
    assert [one for one in stage.chat.messages(BRUNO) if one.from_bot] == []
    async with stage.bot():
        await stage.chat.wait_for_reply(late[0])


async def test_updates_dealt_with_long_ago_go_while_the_bot_runs(stage: Stage) -> None:
    stage.hurry(tidy_s=0.05)
    stage.edit_database(
        "INSERT INTO inbox (update_id, received_at, done_at, attempts) VALUES (1, '2020-01-01', '2020-01-01', 1)"
    )

    async with stage.bot():
        await stage.until(lambda: stage.edit_database("SELECT 1 FROM inbox") == [])


async def test_a_stop_does_not_wait_for_ever(stage: Stage) -> None:
    stage.set(drain_s=0.1)
    stage.chat.faults.add("slow", method="getFile", delay_s=30.0)

    async with asyncio.timeout(5):
        async with stage.bot():
            await stage.chat.send_photo(ALICE, photo())
            await stage.called("getFile")


async def test_a_stop_while_telegram_is_away_is_prompt(stage: Stage) -> None:
    await stage.chat.stop()

    async with asyncio.timeout(5):
        async with stage.bot():
            pass


async def test_an_update_that_kills_the_process_each_time_is_given_up(stage: Stage) -> None:
    sent = await stage.chat.send_photo(ALICE, photo())
    rule = stage.chat.faults.add("server_error", method="getFile")
    async with stage.bot(stop=False):
        await stage.called("getFile")
    stage.chat.faults.remove(rule)
    stage.edit_database("UPDATE inbox SET attempts = 10")
    async with stage.bot():
        apology = await stage.chat.wait_for_reply(sent)

    assert "send it again" in apology.text
