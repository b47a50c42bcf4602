"""The answer is as specific as the confidence allows, and says so."""

import pytest
from view_samples import ALL, BARE, LIKELY, LOST, NO_DOG, SURE, TOKEN, TWO, UNSURE, WILD, Stored

from bot.callback_data import Action, CallbackData
from bot.texts import languages
from bot.views.answer import answer, claimed_breed
from inference.breeds import catalogue
from inference.prediction import Kind


def test_a_sure_answer_is_one_line() -> None:
    assert answer(SURE, "en").text == "🐶 <b>Afghan Hound</b> — 97%"


def test_a_sure_answer_in_french_has_the_french_name_and_percentage() -> None:
    name = catalogue()["afghan_hound"].name_fr

    assert answer(SURE, "fr").plain.split() == ["🐶", *name.split(), "—", "97", "%"]


def test_wild_canids_are_answered_like_breeds() -> None:
    assert answer(WILD, "en").text == f"🐶 <b>{catalogue()['african_wild_dog'].name_en}</b> — 93%"


def test_two_close_breeds_are_both_named() -> None:
    assert answer(TWO, "en").text == "🐶 Probably <b>Siberian Husky</b> (55%), could be <b>Samoyed</b> (38%)."


def test_a_likely_breed_comes_with_the_runners_up_that_matter() -> None:
    lines = answer(LIKELY, "en").plain.splitlines()

    assert lines == [
        "🐶 Probably Beagle",
        "",
        "▰▰▰▰▰▱▱▱ 62% Beagle",
        "▰▱▱▱▱▱▱▱ 12% Basset Hound",
        "▰▱▱▱▱▱▱▱ 6% Bloodhound",
    ]


def test_an_unsure_answer_says_so_guesses_and_tells_what_would_help() -> None:
    text = answer(UNSURE, "en").plain

    assert text.startswith("🤔 I’m not sure")
    assert "31% Beagle\n" in text
    assert "22% Basset Hound\n" in text
    assert "daylight" in text


def test_no_dog_is_an_answer() -> None:
    text = answer(NO_DOG, "en").text

    assert text.startswith("🔍 I see no dog")
    assert "❌" in text
    assert "Beagle" not in text


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("prediction", ALL)
def test_the_first_row_is_right_and_wrong(prediction: Stored, language: str) -> None:
    right, wrong = answer(prediction, language).keyboard[0]

    assert right.text.startswith("✅")
    assert wrong.text.startswith("❌")
    assert CallbackData.parse(right.data) == CallbackData(Action.CONFIRM, TOKEN)
    assert CallbackData.parse(wrong.data) == CallbackData(Action.WRONG, TOKEN)


def test_the_button_under_an_unsure_answer_names_what_it_confirms() -> None:
    assert [button.text for button in answer(UNSURE, "en").keyboard[0]] == ["✅ Beagle", "❌ Something else"]


@pytest.mark.parametrize(
    ("prediction", "claimed"),
    [(SURE, "afghan_hound"), (UNSURE, "beagle"), (NO_DOG, None), (BARE, None)],
)
def test_what_a_tap_on_right_confirms(prediction: Stored, claimed: str | None) -> None:
    assert claimed_breed(prediction) == claimed


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("confidence", [0.99, 0.6, 0.3])
def test_every_breed_is_answered_by_its_name_and_confidence(confidence: float, language: str) -> None:
    for slug, breed in catalogue().items():
        rival = "pug" if slug != "pug" else "boxer"
        text = answer(Stored(Kind.BREED, ((slug, confidence), (rival, 0.1))), language).plain

        assert breed.name(language) in text
        assert f"{confidence * 100:.0f}" in text


def test_a_breed_that_the_catalogue_has_lost_is_still_readable() -> None:
    assert "Breed of another catalogue" in answer(LOST, "en").text
