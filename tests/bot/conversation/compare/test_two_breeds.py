"""Two breeds compared: however they are named, from a card, and from an answer that hesitates between them."""

from dataclasses import replace

import pytest
from answers import answered, became
from stage import BEAGLE, Stage, asked, shown, turned

from bot.conversation.breeds.search import BreedSearch
from bot.conversation.callback import BadCallback
from bot.conversation.compare.press import ComparePress, breed_code, compare_press
from bot.conversation.compare.two_names import two_names
from bot.conversation.compare.view import comparison_text
from bot.telegram.message import View
from core.breeds.catalogue import catalogue
from core.breeds.look_alikes import look_alike, look_alikes
from core.prediction import BreedScore
from sandbox import ALICE, BRUNO, DOG_PARK

CLOSE = replace(BEAGLE, top=(BreedScore("beagle", 0.55), BreedScore("basset_hound", 0.35), *BEAGLE.top[2:]))


@pytest.mark.parametrize(
    ("text", "breeds"),
    [
        ("beagle, basset", ["beagle", "basset_hound"]),
        ("Beegle vs. bassett", ["beagle", "basset_hound"]),
        ("golden retriever labrador", ["golden_retriever", "labrador_retriever"]),
        ("black and tan coonhound and bloodhound", ["black_and_tan_coonhound", "bloodhound"]),
        ("teckel et beagle", ["dachshund", "beagle"]),
        ("great dane", ["great_dane"]),
        ("beagle beagle", ["beagle"]),
    ],
)
def test_two_names_part_where_both_are_breeds(text: str, breeds: list[str]) -> None:
    assert [breed.slug for breed in two_names(text, BreedSearch(catalogue()), "en").breeds] == breeds


@pytest.mark.parametrize(("text", "unknown"), [("qqq, beagle", ("qqq",)), ("qqqq zzzz", ("qqqq zzzz",))])
def test_what_names_no_breed_is_told_as_it_was_typed(text: str, unknown: tuple[str, ...]) -> None:
    assert two_names(text, BreedSearch(catalogue()), "en").unknown == unknown


async def test_two_breeds_are_compared_with_the_way_to_each_card(stage: Stage) -> None:
    async with stage.bot():
        both = await asked(stage, "/compare basset hound, beagle")
        card = await turned(stage, both, "📖 Beagle")
        again = await turned(stage, card, "⚖️ Basset Hound")

    assert "they look alike" in both.text
    assert "Basset Hound: heavier, 20–29\u00a0kg against 9–14\u00a0kg" in both.text
    assert "About as tall: Basset Hound 33–38\u00a0cm, Beagle 33–40\u00a0cm" in both.text
    assert card.text.startswith("📖 Beagle")
    assert again.text.startswith("⚖️ Beagle or Basset Hound?")


async def test_with_one_breed_those_that_look_like_it_are_offered(stage: Stage) -> None:
    async with stage.bot():
        one = await asked(stage, "/compare beagle")
        both = await turned(stage, one, "⚖️ Basset Hound")
        none = await asked(stage, "/compare akita")

    assert both.text.startswith("⚖️ Beagle or Basset Hound?")
    assert not none.buttons
    assert "Akita" in none.text


async def test_without_two_breeds_it_says_how(stage: Stage) -> None:
    async with stage.bot():
        bare = await asked(stage, "/compare")
        typo = await asked(stage, "/compare beagle, qqqzzz <b>")

    assert " ".join(bare.text.split()) == shown("en", "compare-how")
    assert "no breed called “qqqzzz <b>”" in typo.text
    assert bare.text in typo.text


async def test_an_answer_between_two_breeds_says_what_tells_them_apart(stage: Stage) -> None:
    stage.say = lambda _: CLOSE
    async with stage.bot():
        answer = await answered(stage)
        await stage.chat.press(answer, "⚖️")
        opened = await became(stage, answer, "⬅")
        await stage.chat.press(opened, "⬅")
        closed = await became(stage, answer, "⚖️")

    assert "Basset Hound: heavier" in opened.text
    assert opened.has_button("✅")
    assert "heavier" not in closed.text


async def test_in_a_group_others_get_it_beside_the_answer(stage: Stage) -> None:
    stage.say = lambda _: CLOSE
    async with stage.bot():
        answer = await answered(stage, ALICE, DOG_PARK)
        await (await stage.chat.press(answer, "⚖️", user=BRUNO)).answer()
        await stage.settled()
        beside = stage.chat.messages(DOG_PARK)[-1]

        assert beside.text.startswith("⚖️ Beagle ou Basset hound")
        assert beside.reply_to_id == answer.message_id
        assert stage.chat.message(answer).text == answer.text


async def test_a_sure_answer_has_nothing_to_tell_apart(stage: Stage) -> None:
    async with stage.bot():
        assert not (await answered(stage)).has_button("⚖️")


def test_every_pair_fits_into_a_button_and_no_two_breeds_share_a_code() -> None:
    assert len({breed_code(slug) for slug in catalogue()}) == len(catalogue())
    for one, other in zip(catalogue(), list(catalogue())[1:], strict=False):
        press = compare_press(one, other, 2**52 - 1)

        assert ComparePress.parse(press.data).breeds == (one, other)


@pytest.mark.parametrize("data", ["1:v:c:1", "1:v:c:1:abc:def", f"1:v:c:1:{breed_code('pug')}:{breed_code('pug')}"])
def test_what_no_version_wrote_is_refused(data: str) -> None:
    with pytest.raises(BadCallback):
        ComparePress.parse(data)


def test_look_alikes_are_those_of_the_table() -> None:
    assert "basset_hound" in look_alikes("beagle")
    assert all(look_alike("beagle", other) and "beagle" in look_alikes(other) for other in look_alikes("beagle"))
    assert look_alikes("akita") == []


def test_a_breed_of_the_host_s_own_is_compared_by_what_is_known() -> None:
    text = View(comparison_text("beagle", "a_breed_that_is_gone", "en")).plain

    assert "A breed that is gone" in text
    assert "taller" not in text
