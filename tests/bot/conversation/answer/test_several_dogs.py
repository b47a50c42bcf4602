"""Several dogs in a photo: one numbered answer, and each dog has its own buttons, claims and place everywhere else."""

from dataclasses import replace

import numpy as np
import pytest
from answers import answered, became
from PIL import Image
from stage import BEAGLE, NAMED, Stage, asked, photo, turned
from stored import answers_of

from core.claim import Verdict
from core.prediction import Box, BreedScore, Remark
from db.chat.chat_records import ERASED, Consent
from sandbox import ALICE, BRUNO, DAN, DOG_PARK, ChatMessage

LEFT, RIGHT = Box(0.0, 0.1, 0.45, 0.8), Box(0.5, 0.2, 0.5, 0.7)
PUG = replace(BEAGLE, top=(BreedScore("pug", 0.97), BreedScore("boxer", 0.01)), box=RIGHT)
PAIR = (replace(BEAGLE, box=LEFT), PUG)


@pytest.fixture(autouse=True)
def pairs(stage: Stage) -> None:
    stage.say = lambda _: PAIR


async def two_dogs(stage: Stage, chat: object = None, who: object = ALICE) -> ChatMessage:
    sent = await stage.chat.send_photo(who, photo(), chat=chat, caption=NAMED if chat else "")  # type: ignore[arg-type]
    answer = await stage.chat.wait_for_reply(sent, lambda one: one.has_button("2"))
    await stage.settled()
    return answer


async def test_a_photo_of_two_dogs_gets_one_answer_with_two_lines(stage: Stage) -> None:
    async with stage.bot():
        answer = await two_dogs(stage)

    assert answer.text.startswith(
        "🐶 I see 2 dogs here:\n\n1 · 🐶 probably Beagle (70%), could be Basset Hound (15%)\n2 · 🐶 Pug — 97%"
    )


async def test_what_is_said_of_the_second_dog_is_about_that_one(stage: Stage) -> None:
    async with stage.bot():
        answer = await two_dogs(stage)
        second = await turned(stage, answer, "2")
        menu = await turned(stage, second, "❌")
        await turned(stage, menu, "Boxer")
        whole = await turned(stage, await became(stage, answer, "⬅ All dogs"), "⬅ All dogs")
        (claim,) = await stage.claims()
        async with stage.database.unit() as unit:
            about = await unit.predictions.get(claim.prediction_id)
            (past_first, past_second) = await unit.history.page(ALICE.id, limit=6)

    assert second.text.startswith("🐶 Dog 2 of 2\n\n🐶 Pug — 97%")
    assert about is not None
    assert (about.dog, about.box, claim.verdict, claim.breed) == (1, list(RIGHT), Verdict.CORRECT, "boxer")
    assert [(one.dog, one.dogs, one.breed) for one in (past_first, past_second)] == [(0, 2, None), (1, 2, "boxer")]
    assert whole.text == answer.text.partition("\n\n🔒")[0]


async def test_the_dogs_are_shown_numbered_in_frames(stage: Stage) -> None:
    async with stage.bot():
        answer = await two_dogs(stage)
        await (await stage.chat.press(answer, "🖼")).answer()
        await stage.settled()
        (shown,) = (one for one in stage.chat.messages(ALICE) if one.from_bot and one.kind == "photo")
        await stage.change_database(f"UPDATE predictions SET photo_sha256 = '{ERASED}'")
        gone = await (await stage.chat.press(answer, "🖼")).answer()

    assert shown.reply_to_id == answer.message_id
    assert "numbered as in my answer" in shown.text
    assert gone.show_alert


async def test_nobody_else_in_a_group_speaks_for_a_dog(stage: Stage) -> None:
    async with stage.bot():
        answer = await two_dogs(stage, DOG_PARK)
        for button in ("2", "🖼"):
            reaction = await (await stage.chat.press(answer, button, user=BRUNO)).answer()
            assert reaction.show_alert

        assert await stage.claims() == []


async def test_a_moderator_sees_which_dog_is_meant(stage: Stage) -> None:
    stage.moderators.add(DAN.id)
    async with stage.bot():
        async with stage.database.unit() as unit:
            await unit.users.seen(ALICE.id, None)
            await unit.consents.set(ALICE.id, Consent.YES)
        answer = await two_dogs(stage)
        menu = await turned(stage, await turned(stage, answer, "2"), "❌")
        await turned(stage, menu, "Boxer")
        card = await asked(stage, "/review", DAN)

    assert card.kind == "photo"
    assert card.text.startswith("🐶 Dog 2 of 2, the framed one")


async def test_the_second_of_three_dogs_is_framed_learned_by_its_own_features_told_and_forgotten(stage: Stage) -> None:
    """From a claim to what a retrain reads, each time about that dog and no other."""
    stage.moderators.add(DAN.id)
    boxes = Box(0.0, 0.1, 0.3, 0.8), Box(0.35, 0.2, 0.3, 0.7), Box(0.7, 0.3, 0.3, 0.6)
    dogs = tuple(
        replace(BEAGLE, box=box, features=np.full(2048, number, np.float16)) for number, box in enumerate(boxes, 1)
    )
    stage.say = lambda _: dogs
    async with stage.bot():
        answer = await two_dogs(stage)
        async with stage.database.unit() as unit:
            await unit.consents.set(ALICE.id, Consent.YES)
        menu = await turned(stage, await turned(stage, answer, "2"), "❌")
        await turned(stage, menu, "Bloodhound")
        card = await asked(stage, "/review", DAN)
        shown = picture(stage, card)
        await turned(stage, card, "✅")
        async with stage.database.unit() as unit:
            (learned,) = await unit.feedback.accepted()
        history = await asked(stage, "/history")
        async with stage.database.unit() as unit:
            await unit.users.forget(ALICE.id)
        async with stage.database.unit() as unit:
            left = await unit.feedback.accepted(), await answers_of(unit, ALICE.id)

    assert card.text.startswith("🐶 Dog 2 of 3, the framed one")
    assert [framed(shown, box) for box in boxes] == [False, True, False]
    assert (learned.dog, learned.claimed_breed) == (1, "bloodhound")
    assert np.frombuffer(learned.features, np.float16).tolist() == [2.0] * 2048
    of_each = {number: history.text.split(f", dog {number} of 3")[1].split("\n\n")[0] for number in (1, 2, 3)}
    assert ["accepted by a person" in of_each[number] for number in (1, 2, 3)] == [False, True, False]
    assert left == ([], [])


def picture(stage: Stage, message: ChatMessage) -> Image.Image:
    """What the message shows."""
    files = stage.chat.world.files
    stored = files.get(message.payload["photo"][-1]["file_id"])
    assert stored is not None
    return Image.open(files.on_disk(stored)).convert("RGB")


def framed(image: Image.Image, box: Box) -> bool:
    """Whether there is something at the box's upper edge that is not in the dog's middle."""
    x, y, width, height = (round(part * side) for part, side in zip(box, image.size * 2, strict=True))
    middle = image.getpixel((x + width // 2, y + height // 2))
    return any(image.getpixel((x + width // 2, y + down)) != middle for down in range(-4, 5))


async def test_history_names_the_dog_and_forgetting_forgets_all(stage: Stage) -> None:
    async with stage.bot():
        await two_dogs(stage)
        history = await asked(stage, "/history")
        async with stage.database.unit() as unit:
            before = len(await answers_of(unit, ALICE.id))
            await unit.users.forget(ALICE.id)
        async with stage.database.unit() as unit:
            after = len(await answers_of(unit, ALICE.id))

    assert ", dog 1 of 2" in history.text
    assert ", dog 2 of 2" in history.text
    assert (before, after) == (2, 0)


async def test_what_is_wrong_with_the_photo_is_said_where_it_would_help(stage: Stage) -> None:
    stage.say = lambda _: BEAGLE
    async with stage.bot():
        stage.worker.remarks = (Remark.DARK,)
        dark = await answered(stage)
        more = await turned(stage, dark, "ℹ️")
        stage.worker.remarks = ()
        fine = await answered(stage)

    assert "💡 The photo is rather dark" in dark.text
    assert "💡 The photo is rather dark" in more.text
    assert "💡" not in fine.text
