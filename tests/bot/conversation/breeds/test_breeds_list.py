"""/breeds: looking breeds up, from the groups down to a card, by whom it is asked."""

import pytest
from stage import Stage, asked, shown, turned

from bot.conversation.breeds.breed_name import named_breeds
from bot.conversation.breeds.press import BreedsAction, BreedsPress, owner_of_list
from bot.conversation.callback import ANYBODY, BadCallback
from core.breeds.catalogue import catalogue
from sandbox import ALICE, BRUNO, DOG_PARK


async def test_from_the_groups_to_a_page_to_a_card_and_back(stage: Stage) -> None:
    async with stage.bot():
        groups = await asked(stage, "/breeds")
        page = await turned(stage, groups, "Sighthounds")
        second = await turned(stage, page, "Next")
        card = await turned(stage, second, "Whippet")
        back = await turned(stage, card, "⬅ Back")
        first = await turned(stage, back, "Previous")
        again = await turned(stage, first, "📖")

    assert "374 breeds" in groups.text
    assert "page 2 of 2" in second.text
    assert not second.has_button("Next")
    assert "44–51\u00a0cm" in card.text
    assert (back.text, back.buttons) == (second.text, second.buttons)
    assert first.has_button("Afghan Hound")
    assert not first.has_button("Previous")
    assert (again.text, again.buttons) == (groups.text, groups.buttons)
    assert again.message_id == groups.message_id


async def test_a_list_goes_on_after_a_restart(stage: Stage) -> None:
    async with stage.bot():
        groups = await asked(stage, "/breeds")
    async with stage.bot():
        assert (await turned(stage, groups, "Terriers")).has_button("Airedale Terrier")


async def test_a_name_with_typos_opens_the_card(stage: Stage) -> None:
    async with stage.bot():
        card = await asked(stage, "/breeds afgan hund")
        nothing = await asked(stage, "/breeds qqqqzzzz <b>")

    assert "Afghanistan" in card.text
    assert card.has_button("⬅ Back")
    assert "qqqqzzzz <b>" in nothing.text
    assert nothing.has_button("📖")


async def test_a_name_opens_its_card_and_offers_those_that_are_called_alike(stage: Stage) -> None:
    async with stage.bot():
        card = await asked(stage, "/breeds Collie")
        other = await turned(stage, card, "Border Collie")
        several = await asked(stage, "/breeds setter")

    assert card.text.startswith("📖 Collie")
    assert not card.has_button("📖")
    assert other.text.startswith("📖 Border Collie")
    assert several.has_button("Gordon Setter")
    assert several.has_button("📖")


async def test_in_french_names_groups_and_cards_are_french(stage: Stage) -> None:
    async with stage.bot():
        groups = await asked(stage, "/breeds", BRUNO)
        page = await turned(stage, groups, "Lévriers")
        card = await turned(stage, page, "Azawakh")

    assert "374 races" in groups.text
    assert "Lévriers" in card.text
    assert "Mali" in card.text


async def test_in_a_group_the_list_obeys_who_asked(stage: Stage) -> None:
    async with stage.bot():
        groups = await asked(stage, "/breeds", ALICE, DOG_PARK)
        refusal = await (await stage.chat.press(groups, "Terriers", user=BRUNO)).answer()
        await stage.settled()

        assert refusal.text == shown("fr", "toast-not-for-you")
        assert stage.chat.message(groups).text == groups.text


async def test_an_old_list_says_so(stage: Stage) -> None:
    async with stage.bot():
        groups = await asked(stage, "/breeds")
        forged = await stage.chat.press_data(groups, f"1:b:c:{ALICE.id}:a_breed_that_is_gone")

        assert (await forged.answer()).text == shown("en", "toast-old-list")


async def test_who_types_a_name_without_being_asked_is_offered_its_card(stage: Stage) -> None:
    async with stage.bot():
        hint = await asked(stage, "my neighbour has a Beagle!")
        card = await turned(stage, hint, "Beagle")
        small_talk = await asked(stage, "how are you")

    assert "photo of a dog" in hint.text
    assert "33–40\u00a0cm" in card.text
    assert small_talk.text == shown("en", "notice-text")
    assert not small_talk.buttons


@pytest.mark.parametrize(
    ("text", "named"),
    [("beagle", ["beagle"]), ("Great Dane?", ["great_dane"]), ("un caniche", ["toy_poodle"]), ("dog", []), ("hi", []),
     ("eine Dogge", ["great_dane"]), ("mi perro", []), ("meu cachorro", []), ("hola", []), ("olá", []), ("danke", [])],
)  # fmt: skip
def test_only_words_of_a_name_name_a_breed(text: str, named: list[str]) -> None:
    found = [catalogue()[slug] for slug in ("beagle", "great_dane", "toy_poodle", "dhole", "norwegian_elkhound")]

    assert [breed.slug for breed in named_breeds(text, found)] == named


@pytest.mark.parametrize(
    "press",
    [
        BreedsPress(BreedsAction.GROUPS, ANYBODY),
        BreedsPress(BreedsAction.GROUPS, 1),
        BreedsPress(BreedsAction.PAGE, 2**52, "retrievers_flushing_water", 99),
        BreedsPress(BreedsAction.CARD, 2**52, max(catalogue(), key=len)),
    ],
)
def test_a_press_fits_and_is_read_as_it_was_written(press: BreedsPress) -> None:
    assert BreedsPress.parse(press.data) == press
    assert len(press.data.encode()) <= 64


@pytest.mark.parametrize(
    ("asked", "presses", "may"), [(1, 1, True), (1, 2, False), (-100, 2, True), (-100, -100, True)]
)
def test_a_list_is_turned_by_who_asked_or_by_anybody_if_that_was_nobody(asked: int, presses: int, may: bool) -> None:
    assert BreedsPress(BreedsAction.GROUPS, owner_of_list(asked)).is_for(presses) == may


@pytest.mark.parametrize(
    "data",
    [
        "", "1:b:", "1:b:g", "1:b:g:00", "1:b:g:-5", "1:b:g:1:terriers", "1:b:p:1", "1:b:p:1:terriers", "1:b:x:1",
        "1:b:p:1:unicorns:0", "1:b:p:1:terriers:100", "1:b:p:1:terriers:01", "1:b:c:1", "1:b:c:1:unicorn",
        "1:b:c:1:beagle:0", "1:b:c:99999999999999999:beagle", "2:b:g:1", "1:b:g:١",
    ],
)  # fmt: skip
def test_what_no_version_wrote_is_refused(data: str) -> None:
    with pytest.raises(BadCallback):
        BreedsPress.parse(data)
