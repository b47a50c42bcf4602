"""Where the bot is a guest: named in a chat that it is not in, it answers there, or in private where it may not."""

from dataclasses import replace
from io import BytesIO
from itertools import count

import pytest
from PIL import Image
from stage import BEAGLE, NAMED, Stage, photo, shown

from bot.pipeline.jobs import Throughput
from core.claim import Verdict
from core.prediction import WHOLE_PHOTO, Box
from inference.queue.protocol import Failure
from sandbox import ALICE, BRUNO, DAN, DOG_WALK, ChatMessage
from sandbox.state.world import Limits


def answers(stage: Stage) -> list[ChatMessage]:
    return [one for one in stage.chat.messages(DOG_WALK) if one.from_bot]


async def asked(stage: Stage, words: str = NAMED) -> ChatMessage:
    """Alice asks about Bruno's photo. Returns: her message."""
    theirs = await stage.chat.send_photo(BRUNO, photo(), chat=DOG_WALK)
    return await stage.chat.send_text(ALICE, words, chat=DOG_WALK, reply_to=theirs)


async def answered(stage: Stage, sent: ChatMessage) -> ChatMessage:
    answer = await stage.chat.wait_for_reply(sent, lambda one: one.reply_to_id == sent.message_id)
    await stage.settled()
    return stage.chat.message(answer)


async def pressed(stage: Stage, answer: ChatMessage, button: str) -> ChatMessage:
    await (await stage.chat.press(answer, button, user=ALICE)).answer()
    await stage.settled()
    return stage.chat.message(answer)


@pytest.mark.parametrize("words", [NAMED, f"what is it, {NAMED.upper()}?", f"/breed{NAMED}"])
async def test_a_photo_that_somebody_replies_to_with_our_name_is_answered_in_that_chat(
    stage: Stage, words: str
) -> None:
    async with stage.bot():
        answer = await answered(stage, await asked(stage, words))

    assert "Beagle" in answer.text
    assert shown("en", "guest-notice") in " ".join(answer.text.split())
    assert stage.chat.messages(ALICE) == []


async def test_a_photo_with_our_name_under_it_is_answered_too(stage: Stage) -> None:
    async with stage.bot():
        answer = await answered(stage, await stage.chat.send_photo(DAN, photo(), chat=DOG_WALK, caption=NAMED))

    assert "Beagle" in answer.text


async def test_who_asked_may_correct_the_answer_in_its_place_and_nobody_else(stage: Stage) -> None:
    async with stage.bot():
        answer = await answered(stage, await asked(stage))
        refused = await (await stage.chat.press(answer, "✅", user=BRUNO)).answer()
        menu = await pressed(stage, answer, "❌")
        thanked = await pressed(stage, menu, "Basset")
        (claim,) = await stage.claims()

    assert refused.show_alert
    assert (claim.user_id, claim.verdict, claim.breed) == (ALICE.id, Verdict.CORRECT, "basset_hound")
    assert "Basset" in thanked.text
    assert len(answers(stage)) == 1


async def test_no_button_stands_there_that_would_need_a_chat_of_ours(stage: Stage) -> None:
    async with stage.bot():
        answer = await answered(stage, await asked(stage))
        menu = await pressed(stage, answer, "❌")

    assert not any(answer.has_button(one) for one in ("🔥", "🎓"))
    assert not menu.has_button("🔎")


async def test_without_a_photo_it_is_said_how_to_ask(stage: Stage) -> None:
    async with stage.bot():
        answer = await answered(stage, await stage.chat.send_text(ALICE, f"hello {NAMED}", chat=DOG_WALK))

    assert "t.me/breedbot_local_bot" in answer.text


async def test_a_remark_about_our_answer_asks_for_nothing(stage: Stage) -> None:
    async with stage.bot():
        answer = await answered(stage, await asked(stage))
        await stage.chat.send_text(DAN, "so it is!", chat=DOG_WALK, reply_to=answer)
        await stage.settled()
        async with stage.database.unit() as unit:
            known = await unit.users.get(DAN.id)

    assert len(answers(stage)) == 1
    assert known is None


async def test_a_photo_that_cannot_be_read_is_told_there(stage: Stage) -> None:
    stage.say = lambda _: Failure.UNREADABLE
    async with stage.bot():
        answer = await answered(stage, await asked(stage))

    assert " ".join(answer.text.split()) == shown("en", "failure-unreadable")


async def test_several_dogs_are_answered_in_one_message_too(stage: Stage) -> None:
    stage.say = lambda _: (replace(BEAGLE, box=Box(0.0, 0.0, 0.5, 1.0)), replace(BEAGLE, box=WHOLE_PHOTO))
    async with stage.bot():
        answer = await answered(stage, await asked(stage))
        one = await pressed(stage, answer, "2")

    assert one.has_button("✅")
    assert len(answers(stage)) == 1


async def test_where_it_takes_time_that_is_told_at_once_and_the_answer_takes_its_place(stage: Stage) -> None:
    async with stage.bot(work=False) as app:
        app.parts.submitter.throughput = slow()
        sent = await asked(stage)
        waiting = await stage.chat.wait_for_reply(sent, lambda one: one.reply_to_id == sent.message_id)
        stage.worker.may_work.set()
        answer = await stage.chat.wait_for(lambda one: one.from_bot and "Beagle" in one.text, chat=DOG_WALK)

    assert "Beagle" not in waiting.text
    assert answer.message_id == waiting.message_id
    assert len(answers(stage)) == 1


def slow() -> Throughput:
    """A minute a photo."""
    throughput = Throughput(count(0.0, 60.0).__next__)
    for _ in range(10):
        throughput.beat(busy=True)
    return throughput


async def test_where_we_may_not_write_who_asked_hears_it_in_private_with_all_its_buttons(stage: Stage) -> None:
    stage.chat.world.limits = Limits(callback_expires_s=-1.0)  # every query is too old
    async with stage.bot():
        await asked(stage)
        answer = await stage.chat.wait_for(lambda one: one.from_bot and one.has_button("✅"), chat=ALICE)
        await stage.settled()
        stage.chat.world.limits = Limits()
        thanked = await pressed(stage, answer, "✅")

    assert shown("en", "guest-elsewhere") in " ".join(answer.text.split())
    assert answer.has_button("🔥")
    assert answers(stage) == []
    assert thanked.edited


async def test_one_person_s_limit_holds_for_guests_too(stage: Stage) -> None:
    stage.set(photos_per_user_minute=1)
    async with stage.bot():
        await answered(stage, await asked(stage))
        late = await answered(stage, await asked(stage))

    assert "Beagle" not in late.text


async def test_who_is_forgotten_leaves_nothing_of_what_they_asked_as_a_guest(stage: Stage) -> None:
    async with stage.bot():
        answer = await answered(stage, await asked(stage))
        question = await stage.chat.wait_for_reply(await stage.chat.send_text(ALICE, "/forget"))
        await pressed(stage, question, question.buttons[0][0])
        late = await (await stage.chat.press(answer, "✅", user=ALICE)).answer()

    assert stage.edit_database("SELECT COUNT(*) FROM jobs") == [(0,)]
    assert late.show_alert


async def test_a_film_is_answered_in_one_message_and_its_answer_can_be_confirmed(stage: Stage) -> None:
    async with stage.bot():
        theirs = await stage.chat.send_file(BRUNO, gif(), name="dog.gif", chat=DOG_WALK)
        asking = await stage.chat.send_text(ALICE, NAMED, chat=DOG_WALK, reply_to=theirs)
        thanked = await pressed(stage, await answered(stage, asking), "✅")
        (claim,) = await stage.claims()

    assert claim.verdict is Verdict.CONFIRM
    assert thanked.has_button("↩️")
    assert len(answers(stage)) == 1
    assert stage.chat.messages(ALICE) == []


async def test_what_was_asked_before_a_restart_is_answered_after_it(stage: Stage) -> None:
    async with stage.bot(work=False, stop=False):
        sent = await asked(stage)
        await stage.dealt_with()

    async with stage.bot():
        answer = await answered(stage, sent)

    assert "Beagle" in answer.text


def gif() -> bytes:
    """Eight frames of grey."""
    shades, file = [Image.new("L", (96, 64), 20 + 25 * number) for number in range(8)], BytesIO()
    shades[0].save(file, "GIF", save_all=True, append_images=shades[1:], duration=80)
    return file.getvalue()
