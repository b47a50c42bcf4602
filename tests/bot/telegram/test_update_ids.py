"""Telegram begins anew at any update id after a quiet week: what has the id of another update is new all the same."""

import pytest
from stage import CLUSTER, LOCAL, Stage, photo

from sandbox import ALICE, ChatMessage

LINES = (LOCAL, CLUSTER)


def from_bot(stage: Stage) -> list[ChatMessage]:
    return [one for one in stage.chat.messages(ALICE) if one.from_bot]


def begin_anew(stage: Stage, update_id: int = 0) -> None:
    """The next update has an id that was there already."""
    stage.chat.world.database.set_value("update_id", update_id)


async def sent_again(stage: Stage, *updates: dict[str, object]) -> int:
    """How many of these raw updates are new."""
    return await stage.app.parts.intake.accept(updates)


def text(update_id: int, said: str, number: int = 1) -> dict[str, object]:
    chat = {"id": ALICE.id, "type": "private"}
    message = {"message_id": number, "date": 1, "text": said, "chat": chat, "from": ALICE.to_user()}
    return {"update_id": update_id, "message": message}


async def test_the_same_id_with_other_content_is_handled_and_with_the_same_is_not(stage: Stage) -> None:
    async with stage.bot():
        assert await sent_again(stage, text(5, "hello")) == 1
        await stage.settled()

        assert await sent_again(stage, text(5, "hello")) == 0
        assert await sent_again(stage, text(5, "good evening")) == 1
        assert await sent_again(stage, text(5, "good evening")) == 0
        await stage.settled()

    assert len(from_bot(stage)) == 2


async def test_two_of_one_id_that_come_together_or_wait_are_two(stage: Stage) -> None:
    async with stage.bot():
        assert await sent_again(stage, text(5, "a"), text(5, "b"), text(5, "a"), text(6, "c")) == 3
        await stage.settled()

    assert len(from_bot(stage)) == 3


@pytest.mark.parametrize("pruned", [False, True])
async def test_a_photo_with_the_id_of_an_earlier_one_is_answered(stage: Stage, pruned: bool) -> None:
    async with stage.bot():
        first = await stage.chat.send_photo(ALICE, photo())
        await stage.replies([first])
        await stage.settled()
        async with stage.database.unit() as unit:
            job = await unit.jobs.get(1)
            assert job is not None
            assert job.update_id is not None
            if pruned:
                await unit.inbox.prune(job.created_at.replace(year=9999))
        again = {"update_id": job.update_id, "message": first.payload | {"message_id": 77}}
        assert await sent_again(stage, again) == 1
        await stage.until(lambda: len(from_bot(stage)) == 2)
        await stage.settled()

    assert from_bot(stage)[-1].has_button("✅")


async def test_after_a_long_quiet_an_update_with_a_lower_id_is_heard(stage: Stage) -> None:
    stage.hurry(offset_kept_s=0.1, poll_s=0.2)

    async with stage.bot():
        await stage.chat.wait_for_reply(await stage.chat.send_text(ALICE, "hello"))
        await stage.settled()
        polls = stage.chat.faults.calls["getUpdates"]
        await stage.called("getUpdates", polls + 3)
        begin_anew(stage)
        await stage.chat.wait_for_reply(await stage.chat.send_text(ALICE, "good evening"))
