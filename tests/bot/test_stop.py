"""A stop is in order: no new updates, then the worker of our process finishes, then what it found is sent."""

import asyncio

from stage import Stage, photo

from sandbox import ALICE, BRUNO, ChatMessage


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
