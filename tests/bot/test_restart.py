"""Whenever the bot is cut off, the next life takes up where it was: every photo is answered."""

import asyncio

import pytest
from stage import CLUSTER, LOCAL, Stage, photo

from sandbox import ALICE, BRUNO

LINES = (LOCAL, CLUSTER)


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


@pytest.mark.slow
@pytest.mark.parametrize("after_s", [0.0, 0.02, 0.07, 0.2])
async def test_cut_off_at_any_moment_every_photo_is_answered(stage: Stage, after_s: float) -> None:
    sent = [await stage.chat.send_photo(person, photo(n)) for n in range(4) for person in (ALICE, BRUNO)]
    for _ in range(3):
        async with stage.bot(stop=False):
            await asyncio.sleep(after_s)  # the moment is the point
    async with stage.bot():
        await stage.replies(sent)


async def test_updates_dealt_with_long_ago_go_while_the_bot_runs(stage: Stage) -> None:
    stage.hurry(tidy_s=0.05)
    await stage.change_database(
        "INSERT INTO inbox (update_id, received_at, done_at, attempts) VALUES (1, '2020-01-01', '2020-01-01', 1)"
    )

    async with stage.bot():
        await stage.until(lambda: stage.edit_database("SELECT 1 FROM inbox") == [])


@pytest.mark.slow
async def test_a_stop_does_not_wait_for_ever(stage: Stage) -> None:
    stage.set(drain_s=0.1)
    stage.chat.faults.add("slow", method="getFile", delay_s=300.0)

    async with asyncio.timeout(60):
        async with stage.bot():
            await stage.chat.send_photo(ALICE, photo())
            await stage.called("getFile")


async def test_a_stop_while_telegram_is_away_is_prompt(stage: Stage) -> None:
    await stage.chat.stop()

    async with asyncio.timeout(60):
        async with stage.bot():
            pass


async def test_an_update_that_kills_the_process_each_time_is_given_up(stage: Stage) -> None:
    sent = await stage.chat.send_photo(ALICE, photo())
    rule = stage.chat.faults.add("server_error", method="getFile")
    async with stage.bot(stop=False):
        await stage.called("getFile")
    stage.chat.faults.remove(rule)
    await stage.change_database("UPDATE inbox SET attempts = 10")
    async with stage.bot():
        apology = await stage.chat.wait_for_reply(sent)

    assert "send it again" in apology.text
