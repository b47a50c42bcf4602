"""Which breeds can be told from a photo: said in the list, on cards, and to who asks."""

import pytest
from stage import Stage, asked, turned

from bot.conversation.breeds.known import asks_for_breeds, known_breeds
from core.breeds.catalogue import MIXED_BREED, NOT_A_DOG
from sandbox import BRUNO


async def known(stage: Stage, *labels: str) -> None:
    """The champion names these."""
    async with stage.database.unit() as unit:
        await unit.model_versions.add("m", backbone_id="b", manifest={"labels": [*labels, NOT_A_DOG]})
        await unit.model_versions.promote("m")


@pytest.mark.parametrize(
    "text",
    [
        "Which breeds do you know?",
        "what breeds can you recognize",
        "list of breeds",
        "which dogs do you know",
        "Quelles races connais-tu ?",
        "tu reconnais combien de races ?",
        "Races ?",
        "Welche Rassen kennst du?",
        "Wie viele Hunderassen erkennst du?",
        "¿Qué razas conoces?",
        "cuantas razas reconoces",
        "Quais raças você conhece?",
    ],
)
def test_the_question_is_understood(text: str) -> None:
    assert asks_for_breeds(text)


@pytest.mark.parametrize(
    "text",
    ["What breed is this?", "do you know what breed it is", "quelle race est-ce ?", "I know this dog", "hello", "",
     "Welche Rasse ist das?", "¿Qué raza es?", "Que raça é essa?"],
)  # fmt: skip
def test_other_questions_are_not_taken_for_it(text: str) -> None:
    assert not asks_for_breeds(text)


async def test_lists_and_cards_say_what_can_be_told(stage: Stage) -> None:
    async with stage.bot():
        await known(stage, "beagle", "basset_hound", "whippet", MIXED_BREED, "lost_one")
        groups = await asked(stage, "which breeds do you know?")
        page = await turned(stage, groups, "Sighthounds")
        page = await turned(stage, page, "Next")
        told = await turned(stage, page, "✓ Whippet")
        untold = await turned(stage, await turned(stage, told, "⬅ Back"), "Sloughi")

    assert "374 breeds" in groups.text
    assert "✓ 3 of them" in groups.text
    assert "✓ one that I can tell" in page.text
    assert "✓ I can tell it from a photo" in told.text
    assert "can’t tell it from a photo yet" in untold.text


async def test_start_and_help_say_how_many(stage: Stage) -> None:
    async with stage.bot():
        before = await asked(stage, "/start", BRUNO)
        await known(stage, "beagle", "pug")
        after = [await asked(stage, text, BRUNO) for text in ("/start", "/help")]

    assert "dont je peux te parler" in before.text
    assert all("Je reconnais 2 races" in message.text for message in after)


async def test_before_a_model_is_registered_nothing_is_claimed(stage: Stage) -> None:
    async with stage.bot():
        assert await known_breeds(stage.database) is None
        assert "✓" not in (await asked(stage, "/breeds")).text
