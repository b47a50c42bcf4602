"""A photo gets its answer, whatever form it comes in."""

import pytest
from stage import BEAGLE, CLUSTER, LOCAL, NAMED, Stage, photo
from stored import unanswered_jobs

from bot.conversation.photo.photo_file import LARGE_FILES, SMALL_BYTES
from bot.texts import say_plain
from inference.queue.protocol import Failure
from sandbox import ALICE, BRUNO, DOG_PARK, DOWNLOAD

LINES = (LOCAL, CLUSTER)


@pytest.mark.slow
async def test_a_photo_is_answered_with_breed_confidence_and_both_buttons(stage: Stage) -> None:
    async with stage.bot():
        sent = await stage.chat.send_photo(ALICE, photo())
        answer = await stage.chat.wait_for_reply(sent)

    assert "Beagle" in answer.text
    assert "70" in answer.text
    assert answer.reply_to_id == sent.message_id
    assert answer.has_button("✅")
    assert answer.has_button("❌")
    assert [button[0] for button in answer.buttons[0]] == ["✅", "❌"]  # in the first row


async def test_the_answer_speaks_the_language_of_the_sender(stage: Stage) -> None:
    async with stage.bot():
        answer = await stage.chat.wait_for_reply(await stage.chat.send_photo(BRUNO, photo()))

    assert answer.has_button("✅")
    assert not answer.has_button("Right")


async def test_ten_photos_at_once_get_ten_answers_each_to_its_own(stage: Stage) -> None:
    async with stage.bot():
        sent = [await stage.chat.send_photo(ALICE, photo(shade)) for shade in range(10)]
        answers = await stage.replies(sent)

    assert len({answer.message_id for answer in answers}) == 10


async def test_the_same_photo_twice_is_stored_once_and_answered_twice(stage: Stage) -> None:
    async with stage.bot():
        for _ in range(2):
            await stage.chat.wait_for_reply(await stage.chat.send_photo(ALICE, photo()))
        async with stage.database.unit() as unit:
            assert await unit.photos.count() == 1
            assert await unit.predictions.count() == 2


async def test_the_photo_is_fetched_in_the_size_that_is_just_large_enough(stage: Stage) -> None:
    async with stage.bot():
        await stage.chat.wait_for_reply(await stage.chat.send_photo(ALICE, photo(width=3000, height=2000)))
        async with stage.database.unit() as unit:
            job = await unit.jobs.get(1)
            assert job is not None
            stored = await unit.photos.get(job.photo_sha256)

    assert stored is not None
    assert (stored.width, stored.height) == (800, 533)


@pytest.mark.parametrize("name", ["dog.jpg", "dog.JPEG", "dog.png", "dog.webp", "dog.heic", "dog.gif"])
async def test_an_image_sent_as_a_file_is_looked_at(stage: Stage, name: str) -> None:
    async with stage.bot():
        answer = await stage.chat.wait_for_reply(await stage.chat.send_document(ALICE, photo(), name=name))

    assert "Beagle" in answer.text


@pytest.mark.parametrize("reason", list(Failure))
async def test_a_photo_that_cannot_be_looked_at_is_answered_with_the_reason(stage: Stage, reason: Failure) -> None:
    stage.say = lambda _: reason

    async with stage.bot():
        answer = await stage.chat.wait_for_reply(await stage.chat.send_photo(ALICE, photo()))

        assert answer.text
        assert not answer.buttons
        await stage.settled()
        async with stage.database.unit() as unit:
            assert await unanswered_jobs(unit) == []


async def test_in_a_group_the_photo_that_names_us_is_answered_and_the_talk_is_not(stage: Stage) -> None:
    async with stage.bot():
        await stage.chat.send_text(ALICE, "nice weather", chat=DOG_PARK)
        sent = await stage.chat.send_photo(BRUNO, photo(), chat=DOG_PARK, caption=NAMED)
        answer = await stage.chat.wait_for_reply(sent)

    assert answer.reply_to_id == sent.message_id
    assert [one.message_id for one in stage.chat.messages(DOG_PARK) if one.from_bot] == [answer.message_id]


async def test_typing_is_shown_while_the_photo_waits(stage: Stage) -> None:
    async with stage.bot(work=False):
        sent = await stage.chat.send_photo(ALICE, photo())
        await stage.called("sendChatAction")
        stage.worker.may_work.set()
        await stage.chat.wait_for_reply(sent)

    assert stage.chat.faults.calls["sendChatAction"] >= 1


@pytest.mark.slow
async def test_nobody_is_kept_company_for_ever(stage: Stage) -> None:
    stage.hurry(typing_every_s=0.03, company_s=0.1)

    async with stage.bot(work=False):
        await stage.chat.send_photo(ALICE, photo())
        await stage.called("sendChatAction", times=2)
        await stage.until(lambda: not stage.app.parts.waiting_notices._chats)


async def test_the_place_in_the_queue_is_told_after_a_while_and_gone_with_the_answer(stage: Stage) -> None:
    stage.hurry(notice_after_s=0.05)

    async with stage.bot(work=False):
        sent = await stage.chat.send_photo(ALICE, photo())
        notice = await stage.chat.wait_for_reply(sent)
        stage.worker.may_work.set()
        answer = await stage.chat.wait_for_reply(sent, lambda one: one.has_button("✅"))

    assert "⏳" in notice.text
    assert [one.message_id for one in stage.chat.messages(ALICE) if one.from_bot] == [answer.message_id]


async def test_a_full_queue_loses_nobody(stage: Stage) -> None:
    stage.queue_limit = 1

    async with stage.bot(work=False):
        sent = [await stage.chat.send_photo(ALICE, photo(shade)) for shade in range(6)]
        await stage.until(lambda: stage.app.photos_waiting >= 5)
        stage.worker.may_work.set()
        await stage.replies(sent)

    assert len(stage.worker.looked_at) == 6


async def test_where_too_many_photos_wait_a_new_one_is_put_off_with_a_word(stage: Stage) -> None:
    stage.set(photos_limit=2)

    async with stage.bot(work=False):
        waiting = [await stage.chat.send_photo(ALICE, photo(shade)) for shade in range(2)]
        await stage.until(lambda: stage.app.photos_waiting == 2)
        word = await stage.chat.wait_for_reply(await stage.chat.send_photo(BRUNO, photo(9)))
        stage.worker.may_work.set()
        await stage.replies(waiting)
        await stage.until(lambda: stage.app.photos_waiting < 2)
        answer = await stage.chat.wait_for_reply(await stage.chat.send_photo(BRUNO, photo(9)))

    assert word.text == say_plain("fr", "refusal-try-later", count=1)
    assert answer.has_button("✅")


@pytest.mark.slow
async def test_few_large_files_are_fetched_at_the_same_time_and_photos_pass_by(stage: Stage) -> None:
    stage.chat.faults.add("slow", method=DOWNLOAD, delay_s=5.0, times=LARGE_FILES)
    people = [stage.chat.add_person(f"Person {number}") for number in range(LARGE_FILES + 2)]

    async with stage.bot():
        large = [await stage.chat.send_document(person, photo() + bytes(2 * SMALL_BYTES)) for person in people]
        await stage.called(DOWNLOAD, times=LARGE_FILES)
        await stage.chat.wait_for_reply(await stage.chat.send_photo(BRUNO, photo()))
        fetched = stage.chat.faults.calls[DOWNLOAD]
        await stage.replies(large)

    assert fetched == LARGE_FILES + 1


async def test_what_a_user_wrote_is_erased_from_the_inbox_once_it_is_dealt_with(stage: Stage) -> None:
    async with stage.bot():
        await stage.chat.wait_for_reply(await stage.chat.send_photo(ALICE, photo(), caption="my address is …"))
        await stage.settled()

    rows = stage.edit_database("SELECT done_at IS NOT NULL, payload, chat_id FROM inbox")
    assert rows == [(1, None, None)]


def test_the_stub_speaks_as_the_classifier_does() -> None:
    assert sum(score.confidence for score in BEAGLE.top) <= 1.0
