"""The ❌ menu, the search by name and the thanks."""

import pytest
from view_samples import ALL, LIKELY, LOST, NO_DOG, SURE, TOKEN, UNSURE, Stored, top

from bot.conversation.answer.corrections import corrections, search_prompt, search_results
from bot.conversation.answer.press import Action, AnswerPress
from bot.conversation.answer.view import answer
from bot.conversation.claims.view import thanks
from bot.telegram.message import View
from bot.texts import languages
from core.breeds.catalogue import MIXED_BREED, catalogue
from core.claim import Verdict
from core.prediction import Kind


def presses(view: View) -> list[AnswerPress]:
    return [AnswerPress.parse(button.data) for row in view.keyboard for button in row]


def picks(view: View) -> list[str | None]:
    """Breeds that are offered; that it is a mix is offered always."""
    picked = [press.breed for press in presses(view) if press.action is Action.PICK]
    assert picked.pop() == MIXED_BREED
    return picked


def labels(view: View) -> list[list[str]]:
    return [[button.text for button in row] for row in view.keyboard]


def test_the_menu_offers_the_next_best_breeds_two_a_row_and_five_ways_out() -> None:
    assert labels(corrections(LIKELY, "en")) == [
        ["Basset Hound", "Bloodhound"],
        ["Boxer", "Pug"],
        ["🔎 Search by name", "🧬 Mixed breed"],
        ["🚫 Not a dog", "🤷 I don’t know"],
        ["⬅ Back"],
    ]


def test_the_menu_offers_first_what_was_named_and_then_what_is_easily_taken_for_the_answer() -> None:
    mastiff = Stored(Kind.BREED, top(bullmastiff=0.97, boxer=0.01, pug=0.01))

    assert picks(corrections(mastiff, "en")) == ["dogue_de_bordeaux", "mastiff", "boxer", "pug"]
    assert picks(corrections(mastiff, "en", "mastiff")) == ["mastiff", "dogue_de_bordeaux", "boxer", "pug"]


def test_the_menu_keeps_the_answer_and_asks() -> None:
    text = corrections(SURE, "en").text

    assert text == "🐶 <b>Afghan Hound</b> — 97%\n\nWhat is it, then?"


@pytest.mark.parametrize("prediction", [LIKELY, UNSURE])
def test_the_breed_that_was_refused_is_not_offered_again(prediction: Stored) -> None:
    assert picks(corrections(prediction, "en")) == [breed for breed, _ in prediction.top[1:]]


def test_where_no_dog_was_seen_the_best_breed_is_offered_and_no_dog_is_not() -> None:
    menu = presses(corrections(NO_DOG, "en"))

    assert menu[0] == AnswerPress(Action.PICK, TOKEN, "beagle")
    assert Action.NOT_A_DOG not in [press.action for press in menu]
    assert Action.DONT_KNOW in [press.action for press in menu]


def test_a_breed_that_the_catalogue_has_lost_is_not_offered() -> None:
    assert picks(corrections(LOST, "en")) == ["pug"]


ONCE = "once it is accepted: by a person who looks at it, or by a rule that believes what fits the photo"


@pytest.mark.parametrize(
    ("verdict", "line"),
    [
        (Verdict.CONFIRM, "✅ You confirmed: Afghan Hound. Thank you."),
        (Verdict.CORRECT, f"✏️ You said: Borzoi — thank you. I learn from it {ONCE}."),
        (Verdict.NOT_A_DOG, f"🚫 You said: not a dog — thank you. I learn from it {ONCE}."),
        (Verdict.DONT_KNOW, "🤷 You don’t know. That’s fine, thank you."),
    ],
)
def test_thanks_keep_the_answer_and_say_what_was_understood(verdict: Verdict, line: str) -> None:
    view = thanks(SURE, verdict, "en", "borzoi")

    assert view.plain.splitlines() == ["🐶 Afghan Hound — 97%", "", line]
    assert presses(view) == [AnswerPress(Action.CHANGE, TOKEN)]


def test_where_moderators_alone_decide_nobody_is_told_of_a_rule() -> None:
    said = thanks(SURE, Verdict.CORRECT, "en", "borzoi", rule=False).plain

    assert said.endswith("I learn from it once a person has looked at it and accepted it.")


def test_thanks_for_agreeing_that_there_is_no_dog() -> None:
    assert thanks(NO_DOG, Verdict.CONFIRM, "en").text.endswith("✅ You confirmed: no dog here. Thank you.")


@pytest.mark.parametrize("prediction", ALL)
def test_a_verdict_withdrawn_shows_the_answer_again(prediction: Stored) -> None:
    assert thanks(prediction, Verdict.WITHDRAWN, "fr") == answer(prediction, "fr")


def test_the_search_asks_for_a_name_and_leads_back_to_the_menu() -> None:
    view = search_prompt(SURE, "en")

    assert view.text.startswith("🐶 <b>Afghan Hound</b> — 97%\n\n🔎 Type")
    assert presses(view) == [AnswerPress(Action.WRONG, TOKEN)]


def test_found_breeds_can_be_picked_and_searched_on() -> None:
    found = [catalogue()[slug] for slug in ("beagle", "boxer", "pug")]

    view = search_results(SURE, "b<b>", found, "en")
    assert "“b&lt;b&gt;”" in view.text
    assert [press.breed for press in presses(view)] == ["beagle", "boxer", "pug", None, None, None]
    assert [press.action for press in presses(view)][-3:] == [Action.SUGGEST, Action.SEARCH, Action.WRONG]


@pytest.mark.parametrize("language", languages())
def test_at_most_six_breeds_are_shown(language: str) -> None:
    view = search_results(SURE, "x", list(catalogue().values()), language)

    assert sum(press.action is Action.PICK for press in presses(view)) == 6


def test_nothing_found_says_so_and_offers_another_search() -> None:
    view = search_results(SURE, "zzz", [], "en")

    assert "no breed called “zzz”" in view.text
    assert [press.action for press in presses(view)] == [Action.SUGGEST, Action.SEARCH, Action.WRONG]


def test_a_name_that_no_breed_has_can_be_suggested_as_it_is() -> None:
    view = search_results(SURE, "Lagotto-Spitz of my grandmother", [catalogue()["beagle"]], "en")

    assert "“Lagotto-Spitz of my grandmother”" in view.text
    assert ["➕ “Lagotto-Spitz of my…”: suggest it"] in labels(view)


@pytest.mark.parametrize("typed", ["beagle", "BEAGLE", " Beagle ", "123", "🐶", "?!"])
def test_what_is_a_breed_already_or_no_name_at_all_is_not_suggested(typed: str) -> None:
    view = search_results(SURE, typed, [catalogue()["beagle"]], "en")

    assert Action.SUGGEST not in [press.action for press in presses(view)]


def test_the_thanks_for_a_suggestion_repeat_it() -> None:
    assert "“Lagotto &lt;3”" in thanks(SURE, Verdict.OTHER, "en", "Lagotto <3").text


@pytest.mark.parametrize(("language", "learned"), [("en", True), ("fr", False)])
def test_of_a_mix_nobody_hears_that_it_is_learned(language: str, learned: bool) -> None:
    text = thanks(SURE, Verdict.CORRECT, language, MIXED_BREED, learned=learned).plain

    assert ("no breed that I learn" if language == "en" else "pas une race que j’apprends") in text
