"""In a forum every reply stays in its topic, and what cannot be edited is followed by a new message."""

import pytest
from answers import answered, became
from stage import NAMED, Stage, photo

from sandbox import ALICE, BRUNO, DOG_PARK, ChatMessage

BOT = "@breedbot_local_bot"
COMMANDS = ("start", "help", "breeds", "breeds collie", "breed", "language", "history", "stats", "privacy", "forget")


def from_bot(stage: Stage) -> list[ChatMessage]:
    return [one for one in stage.chat.messages(DOG_PARK) if one.from_bot]


def named(command: str) -> str:
    name, _, rest = command.partition(" ")
    return f"/{name}{BOT} {rest}".strip()


async def test_every_command_is_answered_in_its_topic_and_in_none_without_one(stage: Stage) -> None:
    topic = await stage.chat.create_topic(ALICE, "Beagles")

    async with stage.bot():
        for command in COMMANDS:
            await stage.chat.send_text(BRUNO, named(command), chat=DOG_PARK, topic=topic)
        await stage.settled()
        said = from_bot(stage)
        await stage.chat.send_text(BRUNO, named("help"), chat=DOG_PARK)
        await stage.settled()

    assert len(said) >= len(COMMANDS)
    assert {one.topic for one in said} == {topic}
    assert from_bot(stage)[-1].topic is None


async def test_a_photo_that_is_deleted_before_its_answer_is_answered_in_its_topic(stage: Stage) -> None:
    topic = await stage.chat.create_topic(ALICE, "Beagles")

    async with stage.bot(work=False):
        sent = await stage.chat.send_photo(BRUNO, photo(), caption=NAMED, chat=DOG_PARK, topic=topic)
        await stage.dealt_with()
        await stage.chat.delete(sent)
    async with stage.bot():
        answer = await stage.chat.wait_for(lambda one: one.from_bot, chat=DOG_PARK)

    assert (answer.topic, answer.reply_to_id, answer.has_button("✅")) == (topic, None, True)


@pytest.mark.parametrize("replied", [True, False])
async def test_where_the_topic_is_gone_the_answer_still_comes(stage: Stage, replied: bool) -> None:
    topic = await stage.chat.create_topic(ALICE, "Beagles")

    async with stage.bot():
        if replied:
            stage.worker.may_work.clear()
            await stage.chat.send_photo(BRUNO, photo(), caption=NAMED, chat=DOG_PARK, topic=topic)
            await stage.dealt_with()
            await stage.chat.delete_topic(topic)
            stage.worker.may_work.set()
            await stage.chat.wait_for(lambda one: one.from_bot, chat=DOG_PARK)
        else:
            await stage.chat.delete_topic(topic)
            await stage.chat.send_text(BRUNO, named("help"), chat=DOG_PARK, topic=topic)
        await stage.settled()

    assert [one.topic for one in from_bot(stage)] == [None]


async def test_a_reply_in_a_group_without_topics_is_no_topic(stage: Stage) -> None:
    async with stage.bot():
        stage.deliver_raw(
            {
                "message": {
                    "message_id": 99,
                    "date": 1,
                    "chat": stage.chat.world.people.chat(DOG_PARK.id),
                    "from": BRUNO.to_user(),
                    "message_thread_id": 98,
                    "text": named("help"),
                    "entities": [{"type": "bot_command", "offset": 0, "length": len(named("help"))}],
                }
            }
        )
        await stage.settled()

    assert [one.topic for one in from_bot(stage)] == [None]


async def test_a_press_on_an_answer_that_cannot_be_edited_brings_a_new_message(stage: Stage) -> None:
    topic = await stage.chat.create_topic(ALICE, "Beagles")

    async with stage.bot():
        sent = await stage.chat.send_photo(ALICE, photo(), caption=NAMED, chat=DOG_PARK, topic=topic)
        (answer,) = await stage.replies([sent])
        await stage.settled()
        await stage.chat.delete(answer)
        await stage.chat.press(answer, "❌", user=ALICE)
        menu = await stage.chat.wait_for(lambda one: one.has_button("Bloodhound"), chat=DOG_PARK)
        await stage.chat.press(menu, "Bloodhound", user=ALICE)
        thanks = await became(stage, menu, "↩️")

    assert menu.topic == topic
    assert "Bloodhound" in thanks.text


async def test_in_private_it_does_too(stage: Stage) -> None:
    async with stage.bot():
        answer = await answered(stage)
        await stage.chat.delete(answer)
        await stage.chat.press(answer, "❌")
        menu = await stage.chat.wait_for(lambda one: one.has_button("Bloodhound"), chat=ALICE)

    assert menu.message_id != answer.message_id
