"""Below an answer: why, the three best, the breed's card. Pressing twice is pressing once; others may look, too."""

from dataclasses import dataclass, field, replace

import pytest
from answers import answered, became
from stage import BEAGLE, Stage, photo, shown

from bot.conversation.heatmap.shown_maps import KEPT, PER_PERSON, WITHIN_S, HeatPlace, ShownMaps
from core.prediction import Box, BreedScore
from sandbox import ALICE, BRUNO, DAN, DOG_PARK, ChatMessage


@dataclass
class Painter:
    """Paints a picture for each breed it knows; `gone` = the photo was deleted."""

    gone: bool = False
    asked: list[tuple[str, str]] = field(default_factory=list)
    contrasts: list[tuple[str, str | None]] = field(default_factory=list)

    async def __call__(self, sha256: str, breed: str, box: Box, against: str | None = None) -> bytes | None:
        self.asked.append((sha256, breed))
        self.contrasts.append((breed, against))
        return None if self.gone else photo(len(breed) * 20, width=320, height=240)


SURE = replace(BEAGLE, top=(BreedScore("beagle", 0.95), *BEAGLE.top[1:3]))


@pytest.fixture
def painter(stage: Stage) -> Painter:
    painter = Painter()
    stage.heatmap = painter
    return painter


def heat_maps(stage: Stage, chat: object = ALICE) -> list[ChatMessage]:
    return [one for one in stage.chat.messages(chat) if one.from_bot and one.kind == "photo"]  # type: ignore[arg-type]


async def pressed(stage: Stage, message: ChatMessage, button: str) -> str:
    """Press, and wait until all is done. Returns: the words over the chat."""
    said = await (await stage.chat.press(message, button)).answer()
    await stage.settled()
    return said.text


async def test_the_three_best_are_shown_in_the_answer_and_hidden_again(stage: Stage) -> None:
    stage.say = lambda _: SURE
    async with stage.bot():
        await answered(stage)  # the first answer has a word about privacy
        answer = await answered(stage)
        await stage.chat.press(answer, "📊")
        more = await became(stage, answer, "⬅")
        await stage.chat.press(more, "⬅")
        back = await became(stage, answer, "📊")

    assert [line.split("% ")[1] for line in more.text.splitlines()[2:]] == ["Beagle", "Basset Hound", "Bloodhound"]
    assert more.buttons[0] == answer.buttons[0]
    assert (back.text, back.buttons) == (answer.text, answer.buttons)


async def test_the_card_of_the_breed_is_shown_in_the_answer_also_after_a_restart(stage: Stage) -> None:
    async with stage.bot():
        await answered(stage)
        answer = await answered(stage)
    async with stage.bot():
        await stage.chat.press(answer, "ℹ️")
        card = await became(stage, answer, "⬅")
        await stage.chat.press(card, "✅")
        await became(stage, answer, "↩️")

    assert card.text.startswith(answer.text)
    assert "33–40\u00a0cm" in card.text


async def test_why_sends_the_heat_map_beside_the_answer(stage: Stage, painter: Painter) -> None:
    async with stage.bot():
        answer = await answered(stage)
        said = await pressed(stage, answer, "🔥 Why?")
        [heat] = heat_maps(stage)

        assert not said
        assert "Beagle" in heat.text
        assert heat.reply_to_id == answer.message_id
        assert [one.split(maxsplit=1)[1] for one in heat.buttons[0]] == ["Basset Hound", "Bloodhound"]
        assert stage.chat.message(answer).text == answer.text


async def test_pressing_why_again_brings_no_second_map_unless_the_first_was_deleted(
    stage: Stage, painter: Painter
) -> None:
    async with stage.bot():
        answer = await answered(stage)
        for _ in range(3):
            last = await pressed(stage, answer, "🔥 Why?")
        [heat] = heat_maps(stage)
        stage.chat.world.delete(stage.chat.world.messages.get(heat.chat_id, heat.message_id))  # type: ignore[arg-type]
        again = await pressed(stage, answer, "🔥 Why?")

        assert (last, again) == (shown("en", "toast-heat-above"), "")
        assert len(painter.asked) == 2
        assert len(heat_maps(stage)) == 1


async def test_the_map_turns_to_another_breed_in_its_own_message(stage: Stage, painter: Painter) -> None:
    async with stage.bot():
        answer = await answered(stage)
        await pressed(stage, answer, "🔥 Why?")
        [heat] = heat_maps(stage)
    async with stage.bot():
        await pressed(stage, heat, "🔥 Bloodhound")
        [turned] = heat_maps(stage)

        assert turned.message_id == heat.message_id
        assert "Bloodhound" in turned.text
        assert turned.buttons[0] == ("🔥 Beagle", "🔥 Basset Hound")
        assert [breed for _, breed in painter.asked] == ["beagle", "bloodhound"]


async def test_why_not_another_breed_is_held_against_the_answer_in_the_same_message(
    stage: Stage, painter: Painter
) -> None:
    async with stage.bot():
        answer = await answered(stage)
        await pressed(stage, answer, "🔥 Why?")
        [heat] = heat_maps(stage)
        await pressed(stage, heat, "Why not Bloodhound?")
        [contrast] = heat_maps(stage)
        again = await pressed(stage, answer, "🔥 Why?")
        [unchanged] = heat_maps(stage)
        token = answer.data_of("✅").split(":")[2]
        forged = [
            await (await stage.chat.press_data(contrast, f"1:not:{token}:{breed}")).answer()
            for breed in ("beagle", "whippet")  # the answer itself, and one that was not among the best
        ]

    assert painter.contrasts == [("beagle", None), ("bloodhound", "beagle")]
    assert contrast.message_id == heat.message_id
    assert "Beagle 70% and Bloodhound 8%" in contrast.text
    assert [row[0] for row in contrast.buttons[1:]] == ["🤔 Why not Basset Hound?"]
    assert "🔥 Beagle" in contrast.buttons[0]
    assert again == shown("en", "toast-heat-above")
    assert unchanged.text == contrast.text
    assert [one.text for one in forged] == [shown("en", "toast-no-heat")] * 2


async def test_a_photo_that_is_gone_is_told_kindly(stage: Stage, painter: Painter) -> None:
    async with stage.bot():
        answer = await answered(stage)
        painter.gone = True
        for file in (stage.folder / "photos").rglob("*"):
            if file.is_file():
                file.unlink()
        said = await pressed(stage, answer, "🔥 Why?")

        assert said == shown("en", "toast-photo-gone")
        assert heat_maps(stage) == []


@pytest.mark.slow
async def test_a_breed_that_the_model_does_not_know_has_no_map(stage: Stage, painter: Painter) -> None:
    async with stage.bot():
        answer = await answered(stage)
        painter.gone = True

        assert await pressed(stage, answer, "🔥 Why?") == shown("en", "toast-no-heat")


async def test_heat_maps_are_rationed_with_an_honest_wait(stage: Stage, painter: Painter) -> None:
    async with stage.bot():
        answer = await answered(stage)
        await pressed(stage, answer, "🔥 Why?")
        [heat] = heat_maps(stage)
        for _ in range(PER_PERSON):
            said = await pressed(
                stage, heat, "🔥 Bloodhound"
            )  # the message turns; its old buttons can still be pressed

        assert "seconds, please" in said
        assert len(painter.asked) == PER_PERSON


async def test_in_a_group_others_see_the_map_in_the_one_message_and_its_words_stay(
    stage: Stage, painter: Painter
) -> None:
    async with stage.bot():
        answer = await answered(stage, ALICE, DOG_PARK)
        first = await (await stage.chat.press(answer, "🔥 Why?", user=BRUNO)).answer()
        await stage.settled()
        [heat] = heat_maps(stage, DOG_PARK)
        second = await (await stage.chat.press(answer, "🔥 Why?", user=ALICE)).answer()
        await stage.settled()

        assert not first.text
        assert second.text == shown("en", "toast-heat-above")
        assert heat.reply_to_id == answer.reply_to_id  # the photo itself
        assert heat_maps(stage, DOG_PARK) == [heat]
        assert stage.chat.message(answer).text == answer.text


async def test_a_photo_that_its_sender_took_back_is_shown_to_nobody_else(stage: Stage, painter: Painter) -> None:
    async with stage.bot():
        answer = await answered(stage, ALICE, DOG_PARK)
        world = stage.chat.world
        world.delete(world.messages.get(answer.chat_id, answer.reply_to_id))  # type: ignore[arg-type]
        refusal = await (await stage.chat.press(answer, "🔥 Why?", user=BRUNO)).answer()
        await stage.settled()

        assert " ".join(refusal.text.split()) == shown("fr", "toast-photo-deleted")
        assert heat_maps(stage, DOG_PARK) == []


async def test_in_a_group_others_get_the_card_beside_the_answer_in_their_language(stage: Stage) -> None:
    async with stage.bot():
        answer = await answered(stage, ALICE, DOG_PARK)
        reaction = await (await stage.chat.press(answer, "ℹ️", user=BRUNO)).answer()
        await stage.settled()
        card = stage.chat.messages(DOG_PARK)[-1]

        assert not reaction.text
        assert "Chiens courants" in card.text
        assert card.reply_to_id == answer.message_id
        assert stage.chat.message(answer).text == answer.text


async def test_what_is_pressed_in_another_chat_shows_nothing_of_a_group(stage: Stage, painter: Painter) -> None:
    async with stage.bot():
        hers, his = await answered(stage, ALICE, DOG_PARK), await answered(stage, BRUNO)
        refusal = await (await stage.chat.press_data(his, hers.data_of("🔥 Why?"), user=BRUNO)).answer()
        await stage.settled()

        assert refusal.text == shown("fr", "toast-not-yours")
        assert heat_maps(stage, BRUNO) == heat_maps(stage, DOG_PARK) == []


async def test_a_forged_press_cannot_paint_over_somebody_else_s_message(stage: Stage, painter: Painter) -> None:
    async with stage.bot():
        theirs = await answered(stage, DAN)
        await pressed(stage, theirs, "🔥 Why?")
        [their_map] = heat_maps(stage, DAN)
        mine = await answered(stage)
        token = mine.data_of("🔥").split(":")[2]
        await (await stage.chat.press_data(their_map, f"1:of:{token}:bloodhound", user=ALICE)).answer()
        await stage.settled()

        assert heat_maps(stage, DAN) == [their_map]
        assert "Bloodhound" in heat_maps(stage)[0].text


def test_a_ration_is_so_many_a_minute_and_each_person_s_own() -> None:
    now = [1000.0]
    open_cards = ShownMaps(lambda: now[0])
    for _ in range(PER_PERSON):
        assert open_cards.wait_s(1) == 0
        open_cards.count(1)
        now[0] += 1

    assert open_cards.wait_s(1) == pytest.approx(WITHIN_S - PER_PERSON)
    assert open_cards.wait_s(2) == 0
    now[0] += WITHIN_S - PER_PERSON
    assert open_cards.wait_s(1) == 0


def test_the_desk_never_grows_beyond_its_bounds() -> None:
    open_cards = ShownMaps(lambda: 0.0)
    for number in range(KEPT + 10):
        open_cards.put(number, HeatPlace(1, number, "pug", "en"))

    assert open_cards.place(9) is None
    assert open_cards.place(KEPT + 9) is not None
