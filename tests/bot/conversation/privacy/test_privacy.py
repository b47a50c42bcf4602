"""People are told what is kept, asked before anything is, and obeyed when they change their mind."""

from datetime import datetime, timedelta
from io import BytesIO

import pytest
from PIL import Image
from stage import Stage, photo, shown

from bot.conversation.privacy.press import PrivacyAction, PrivacyPress
from bot.pipeline.housekeeping import erase_what_is_due
from core.claim import Decision
from db.chat.chat_records import ERASED, Consent
from db.photos.photo_store import PhotoFolder
from inference.queue.protocol import Failure
from sandbox import ALICE, BRUNO, DAN, DOG_PARK, ChatMessage, Persona

NOTICE = shown("en", "privacy-notice")
QUESTION = "May I keep this photo"
LEARN, YES, NO = "🎓 Learn", "🎓 Yes", "🔒 No"


async def answered(stage: Stage, who: Persona = ALICE, shade: int = 128) -> ChatMessage:
    answer = await stage.chat.wait_for_reply(await stage.chat.send_photo(who, photo(shade)))
    await stage.settled()
    return answer


async def became(stage: Stage, message: ChatMessage, words: str) -> ChatMessage:
    return await stage.chat.wait_for(
        lambda one: one.message_id == message.message_id and words in one.text, chat=message.chat_id
    )


async def corrected(stage: Stage, answer: ChatMessage) -> ChatMessage:
    await stage.chat.press(answer, "❌")
    menu = await stage.chat.wait_for(lambda one: one.has_button("Bloodhound"), chat=answer.chat_id)
    await stage.chat.press(menu, "Bloodhound")
    return await became(stage, answer, "You said")


async def consent_of(stage: Stage, who: Persona = ALICE) -> Consent | None:
    await stage.settled()
    async with stage.database.unit(read_only=True) as unit:
        return await unit.consents.get(who.id)


async def waiting(stage: Stage) -> int:
    await stage.settled()
    async with stage.database.unit(read_only=True) as unit:
        return await unit.review_queue.count()


async def hours_later(stage: Stage, hours: float, retention_days: int = 365) -> int:
    """What a round of erasing would have done then: the rows are made older instead of the clock later."""
    await stage.settled()
    earlier = timedelta(hours=hours)
    for column in ("erase_at", "created_at"):
        for job_id, moment in stage.edit_database(f"SELECT id, {column} FROM jobs WHERE {column} IS NOT NULL"):
            older = datetime.fromisoformat(str(moment)) - earlier
            stage.edit_database(f"UPDATE jobs SET {column} = '{older:%Y-%m-%d %H:%M:%S.%f}' WHERE id = {job_id}")
    return await erase_what_is_due(stage.database, PhotoFolder(stage.folder / "photos"), retention_days)


def files(stage: Stage) -> int:
    return sum(file.is_file() for file in (stage.folder / "photos").rglob("*"))


async def test_the_first_answer_says_what_is_kept_and_the_second_no_more(stage: Stage) -> None:
    async with stage.bot():
        first, second = await answered(stage), await answered(stage, shade=2)

    assert " ".join(first.text.split()).endswith(NOTICE)
    assert [button[0] for button in first.buttons[0]] == ["✅", "❌"]
    assert first.buttons[-1] == ("🎓 Learn from my photos",)
    assert NOTICE not in " ".join(second.text.split())
    assert not second.has_button(LEARN)


async def test_the_notice_comes_with_the_first_answer_even_if_the_bot_starts_anew_before(stage: Stage) -> None:
    async with stage.bot(work=False, stop=False):
        sent = await stage.chat.send_photo(ALICE, photo())
        await stage.until(lambda: stage.app.photos_waiting)
    async with stage.bot():
        answer = await stage.chat.wait_for_reply(sent)

    assert NOTICE in " ".join(answer.text.split())


async def test_one_tap_under_the_first_answer_is_consent(stage: Stage) -> None:
    async with stage.bot():
        answer = await answered(stage)
        reaction = await (await stage.chat.press(answer, LEARN)).answer()
        after = await became(stage, answer, "until you take that back")

        assert reaction.text == shown("en", "toast-consent-given")
        assert await consent_of(stage) is Consent.YES
        assert "Beagle" in after.text
        assert NOTICE not in " ".join(after.text.split())
        assert after.buttons == answer.buttons[:-1]
        assert await hours_later(stage, 5) == 0
        assert files(stage) == 1


async def test_without_consent_nothing_but_the_answer_is_left_an_hour_later(stage: Stage) -> None:
    async with stage.bot():
        answer = await answered(stage)
        soon = await hours_later(stage, 0.9)
        later = await hours_later(stage, 0.2)

        assert (soon, later) == (0, 1)
        assert files(stage) == 0
        async with stage.database.unit(read_only=True) as unit:
            [prediction] = await unit.predictions.dogs(1)
        assert (prediction.features, prediction.photo_sha256) == (b"", ERASED)
        await stage.chat.press(answer, "✅")
        await stage.chat.wait_for(lambda one: one.has_button("↩️"), chat=ALICE)


async def test_a_photo_that_failed_is_deleted_after_the_failed_answer(stage: Stage) -> None:
    stage.say = lambda _: Failure.UNREADABLE
    async with stage.bot():
        await stage.chat.wait_for_reply(await stage.chat.send_document(ALICE, b"no photo at all", name="dog.jpg"))

        assert await hours_later(stage, 0) == 1
        assert files(stage) == 0


async def test_a_correction_asks_again_and_yes_brings_it_before_a_moderator(stage: Stage) -> None:
    async with stage.bot():
        answer = await answered(stage)
        asked = await corrected(stage, answer)
        before = await waiting(stage)
        await stage.chat.press(asked, YES)
        after = await became(stage, asked, "until you take that back")

        assert QUESTION in asked.text
        assert "reviews it" not in asked.text
        assert before == 0
        assert await waiting(stage) == 1
        assert "Bloodhound" in after.text
        assert after.has_button("↩️")
        assert not after.has_button("🎓")
        assert await consent_of(stage) is Consent.YES


async def test_no_means_no_and_is_not_asked_again(stage: Stage) -> None:
    async with stage.bot():
        asked = await corrected(stage, await answered(stage))
        reaction = await (await stage.chat.press(asked, NO)).answer()
        await became(stage, asked, "I don’t keep your photos")
        again = await corrected(stage, await answered(stage, shade=2))

        assert reaction.text == shown("en", "toast-consent-refused")
        assert await consent_of(stage) is Consent.NO
        assert QUESTION not in again.text
        assert await waiting(stage) == 0
        assert await hours_later(stage, 1) == 2


async def test_silence_is_asked_at_the_next_correction(stage: Stage) -> None:
    async with stage.bot():
        await corrected(stage, await answered(stage))
        again = await corrected(stage, await answered(stage, shade=2))

        assert QUESTION in again.text
        await stage.chat.press(again, YES)
        await became(stage, again, "until you take that back")
        assert await waiting(stage) == 2


async def test_a_photo_that_is_gone_is_said_to_be_gone(stage: Stage) -> None:
    async with stage.bot():
        answer = await answered(stage)
        await hours_later(stage, 1)
        asked = await corrected(stage, answer)
        await stage.chat.press(asked, YES)
        await became(stage, asked, "until you take that back")

        assert "deleted this photo already" in asked.text
        assert await waiting(stage) == 0


async def test_consent_can_be_given_and_taken_back_under_privacy(stage: Stage) -> None:
    async with stage.bot():
        page = await stage.chat.wait_for_reply(await stage.chat.send_text(ALICE, "/privacy"))
        await stage.chat.press(page, LEARN)
        learning = await became(stage, page, "You let me learn")
        await corrected(stage, await answered(stage))
        await stage.settled()
        async with stage.database.unit() as unit:
            [claim] = await unit.review_queue.next()
            await unit.reviews.decide(claim.event_id, Decision.ACCEPTED, reviewer="cli")
        await stage.chat.press(learning, "Stop")
        stopped = await became(stage, page, "I delete your photos an hour")

        assert "for 365 days" in page.text
        assert stopped.has_button(LEARN)
        assert await consent_of(stage) is Consent.NO
        async with stage.database.unit(read_only=True) as unit:
            assert await unit.feedback.accepted() == []
        assert await hours_later(stage, 0) == 1
        assert files(stage) == 0


async def test_everything_can_be_deleted_from_privacy(stage: Stage) -> None:
    async with stage.bot():
        await answered(stage)
        page = await stage.chat.wait_for_reply(await stage.chat.send_text(ALICE, "/privacy"))
        await stage.chat.press(page, "🗑")
        question = await became(stage, page, "Delete all that I store")
        await stage.chat.press(question, "🗑")
        await became(stage, page, "Photos: 1")

        assert files(stage) == 0


async def test_nobody_consents_for_somebody_else(stage: Stage) -> None:
    async with stage.bot():
        asked = await stage.chat.send_text(ALICE, "/privacy", chat=DOG_PARK)
        page = await stage.chat.wait_for_reply(asked)
        reaction = await (await stage.chat.press(page, LEARN, user=DAN)).answer()
        forged = PrivacyPress(PrivacyAction.YES, DAN.id).data
        await (await stage.chat.press_data(page, forged, user=DAN)).answer()

        assert reaction.text == shown("en", "toast-not-for-you")
        assert await consent_of(stage, ALICE) is None
        assert await consent_of(stage, DAN) is Consent.YES  # their own word, by a strange way
        assert stage.chat.message(page).text == page.text


@pytest.mark.parametrize("data", ["1:may:yes:0", "1:may:maybe:7", "1:may:yes:7:short", "1:may:data:7:abcdefghijkl"])
async def test_forged_data_is_refused(stage: Stage, data: str) -> None:
    async with stage.bot():
        page = await stage.chat.wait_for_reply(await stage.chat.send_text(ALICE, "/privacy"))
        reaction = await (await stage.chat.press_data(page, data)).answer()

        assert reaction.text == shown("en", "toast-malformed")


async def test_all_of_it_speaks_french(stage: Stage) -> None:
    async with stage.bot():
        answer = await answered(stage, BRUNO)
        page = await stage.chat.wait_for_reply(await stage.chat.send_text(BRUNO, "/privacy"))

    assert shown("fr", "privacy-notice") in " ".join(answer.text.split())
    assert "pendant 365 jours" in page.text


async def test_the_place_where_a_photo_was_taken_is_never_stored(stage: Stage) -> None:
    exif = Image.Exif()
    exif.get_ifd(0x8825).update({1: "N", 2: (48.0, 51.0, 29.0), 3: "E", 4: (2.0, 17.0, 40.0)})
    exif[0x0112] = 6
    file = BytesIO()
    Image.open(BytesIO(photo())).save(file, "JPEG", exif=exif)
    async with stage.bot():
        await stage.chat.wait_for_reply(await stage.chat.send_document(ALICE, file.getvalue()))
        await stage.settled()
        [path] = [one for one in (stage.folder / "photos").rglob("*") if one.is_file()]

    stored = Image.open(BytesIO(path.read_bytes()))
    assert dict(stored.getexif()) == {0x0112: 6}
    assert not stored.getexif().get_ifd(0x8825)


async def test_everything_of_a_photo_goes_after_the_retention_time(stage: Stage) -> None:
    async with stage.bot():
        answer = await answered(stage)
        await stage.chat.press(answer, LEARN)
        await became(stage, answer, "until you take that back")
        early = await hours_later(stage, 24 * 9, retention_days=10)
        never = await hours_later(stage, 24 * 2, retention_days=0)
        late = await hours_later(stage, 0, retention_days=10)
        reaction = await (await stage.chat.press(answer, "✅")).answer()

        assert (early, never, late) == (0, 0, 1)
        assert reaction.text == shown("en", "toast-expired")


async def test_the_same_photo_sent_while_it_is_being_erased_is_answered(stage: Stage) -> None:
    async with stage.bot():
        await answered(stage)
        await hours_later(stage, 1)
        again = await answered(stage)

        assert "Beagle" in again.text
        assert files(stage) == 1
