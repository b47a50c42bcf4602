"""/forget: what is stored of a person goes, after a question that only they can answer."""

from claims import answered, corrected, labels
from stage import Stage, photo, shown

from bot.conversation.personal.press import OwnAction, OwnPress
from bot.conversation.privacy.forget import forget_person
from core.claim import Decision
from db.chat.chat_records import Holdings
from db.database import Database
from db.photos.photo_store import PhotoFolder
from sandbox import ALICE, BRUNO, DAN, DOG_PARK


def stored_photos(stage: Stage) -> int:
    return sum(file.is_file() for file in (stage.folder / "photos").rglob("*"))


async def test_everything_of_a_person_goes_and_nothing_of_anybody_else(stage: Stage) -> None:
    async with stage.bot():
        await corrected(stage, ALICE, shade=1)
        await corrected(stage, BRUNO, shade=2)
        async with stage.database.unit() as unit:
            for claim in await unit.feedback.list():
                await unit.reviews.decide(claim.id, Decision.ACCEPTED, reviewer="cli")
        question = await stage.chat.wait_for_reply(await stage.chat.send_text(ALICE, "/forget"))
        await (await stage.chat.press(question, "🗑")).answer()
        done = await stage.chat.wait_for(lambda one: "Photos: 1" in one.text, chat=ALICE)

        assert "Answers: 1" in done.text
        assert done.message_id == question.message_id
        assert not done.buttons
        assert stored_photos(stage) == 1
        assert len(await labels(stage)) == 1
        assert {claim.user_id for claim in await stage.claims()} == {BRUNO.id}
        async with stage.database.unit(read_only=True) as unit:
            assert await unit.users.get(ALICE.id) is None


async def test_asking_is_not_enough(stage: Stage) -> None:
    async with stage.bot():
        await corrected(stage)
        question = await stage.chat.wait_for_reply(await stage.chat.send_text(ALICE, "/forget"))
        await (await stage.chat.press(question, "⬅")).answer()
        kept = await stage.chat.wait_for(lambda one: one.text == shown("en", "forget-kept"), chat=ALICE)

        assert not kept.buttons
        assert len(await stage.claims()) == 1


async def test_in_a_group_nobody_else_can_answer_the_question(stage: Stage) -> None:
    async with stage.bot():
        await corrected(stage, DAN)
        asked = await stage.chat.send_text(ALICE, "/forget", chat=DOG_PARK)
        question = await stage.chat.wait_for_reply(asked)
        reaction = await (await stage.chat.press(question, "🗑", user=DAN)).answer()

        assert (reaction.text, reaction.show_alert) == (shown("en", "toast-not-for-you"), True)
        assert len(await stage.claims()) == 1
        assert stage.chat.message(question).buttons == question.buttons


async def test_a_forged_press_forgets_at_most_the_one_who_presses(stage: Stage) -> None:
    async with stage.bot():
        await corrected(stage, ALICE, shade=1)
        hers = await answered(stage, DAN, shade=2)
        forged = OwnPress(OwnAction.FORGET, ALICE.id).data
        reaction = await (await stage.chat.press_data(hers, forged, user=DAN)).answer()

        assert reaction.text == shown("en", "toast-not-for-you")
        assert len(await stage.claims()) == 1


async def test_a_photo_in_the_queue_goes_too_and_the_bot_lives_on(stage: Stage) -> None:
    async with stage.bot(work=False):
        await stage.chat.send_photo(ALICE, photo(1))
        await stage.until(lambda: stage.app.photos_waiting)
        question = await stage.chat.wait_for_reply(await stage.chat.send_text(ALICE, "/forget"))
        await (await stage.chat.press(question, "🗑")).answer()
        stage.worker.may_work.set()
        again = await stage.chat.send_photo(ALICE, photo(2))
        await stage.chat.wait_for_reply(again, lambda one: one.has_button("✅"))

        assert stored_photos(stage) == 1


async def test_who_starts_anew_is_a_stranger(stage: Stage) -> None:
    async with stage.bot():
        await corrected(stage)
        for _ in range(2):
            question = await stage.chat.wait_for_reply(await stage.chat.send_text(ALICE, "/forget"))
            await (await stage.chat.press(question, "🗑")).answer()
            await stage.settled()

        assert "Photos: 0" in stage.chat.message(question).text


async def test_an_operator_is_told_what_was_deleted_or_that_there_was_nobody(stage: Stage) -> None:
    async with stage.bot():
        await corrected(stage)
    database, photos = await Database.open(stage.database.url.render_as_string(hide_password=False)), stage.folder
    try:
        first = await forget_person(database, PhotoFolder(photos / "photos"), ALICE.id)
        second = await forget_person(database, PhotoFolder(photos / "photos"), ALICE.id)
    finally:
        await database.close()

    assert (first, second) == (Holdings(photos=1, answers=1, claims=1), None)
    assert stored_photos(stage) == 0
