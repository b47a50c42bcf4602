"""The answer is as specific as the confidence allows, and says so."""

import pytest
from view_samples import (
    ALL,
    BARE,
    GROUPED,
    LIKELY,
    LOST,
    MIXED,
    NO_DOG,
    SURE,
    TOKEN,
    TWO,
    UNSURE,
    WILD,
    Stored,
    top,
)

from bot.conversation.answer.press import Action, AnswerPress
from bot.conversation.answer.view import (
    CELLS,
    GROUP,
    MIXED_EACH,
    Form,
    answer,
    answer_text,
    answer_with_card,
    answer_with_ranking,
    claimed_breed,
    ranking,
    shape,
    with_remarks,
)
from bot.texts import languages
from core.breeds.catalogue import catalogue
from core.prediction import BreedScore, Kind, Remark


def test_a_sure_answer_is_one_line() -> None:
    assert answer(SURE, "en").text == "🐶 <b>Afghan Hound</b> — 97%"


def test_a_sure_answer_in_french_has_the_french_name_and_percentage() -> None:
    name = catalogue()["afghan_hound"].name("fr")

    assert answer(SURE, "fr").plain.split() == ["🐶", *name.split(), "—", "97", "%"]


def test_wild_canids_are_answered_like_breeds() -> None:
    assert answer(WILD, "en").text == f"🐶 <b>{catalogue()['african_wild_dog'].name('en')}</b> — 93%"


def test_two_close_breeds_are_both_named() -> None:
    assert answer(TWO, "en").text == "🐶 Probably <b>Lhasa Apso</b> (55%), could be <b>Shih Tzu</b> (38%)."


def test_two_close_breeds_that_look_unlike_may_be_a_mix() -> None:
    text = answer(MIXED, "en").plain

    assert text.startswith("🐶 Probably Papillon (55%), could be English Springer Spaniel (38%).\n\n🧬 ")
    assert "looks a bit like both" in text
    assert "mix" in text
    assert "🧬" in answer(MIXED, "fr").text


@pytest.mark.parametrize(
    ("kind", "scores", "mixed"),
    [
        (Kind.BREED, top(papillon=0.6, english_springer_spaniel=MIXED_EACH), True),
        (Kind.BREED, top(papillon=0.6, english_springer_spaniel=MIXED_EACH - 0.01), False),
        (Kind.UNSURE, top(shar_pei=0.46, labrador_retriever=0.36), True),
        (Kind.UNSURE, top(shar_pei=0.36, labrador_retriever=0.36), False),
        (Kind.BREED, top(toy_poodle=0.5, miniature_poodle=0.48), False),
        (Kind.BREED, top(papillon=0.5, azawakh=0.48), False),  # who knows what the model would make of it?
        (Kind.NOT_A_DOG, top(papillon=0.5, english_springer_spaniel=0.48), False),
    ],
)
def test_a_mix_is_hinted_at_where_two_unlike_breeds_share_what_there_is(
    kind: Kind, scores: tuple[BreedScore, ...], mixed: bool
) -> None:
    assert shape(Stored(kind, scores)).mixed == mixed


def test_where_no_breed_is_sure_but_their_group_is_the_group_is_named() -> None:
    text = answer(GROUPED, "en").plain

    assert text.startswith("🐶 Looks like a sighthound — 83%. Perhaps one of these, or a breed that I don’t know:\n\n")
    assert [line.split("% ")[1] for line in text.splitlines()[2:5]] == ["Borzoi", "Greyhound", "Afghan Hound"]
    assert "Collie" not in text


@pytest.mark.parametrize(
    ("scores", "form"),
    [
        (top(borzoi=GROUP / 2, greyhound=GROUP / 2), Form.GROUP),
        (top(borzoi=GROUP / 2, greyhound=GROUP / 2 - 0.01), Form.UNSURE),
        (top(pit_bull=0.4, treeing_walker_coonhound=0.4), Form.UNSURE),  # no group, only not recognised
        (top(a_lost_breed=0.4, another_lost_one=0.4), Form.UNSURE),
        ((), Form.UNSURE),
    ],
)
def test_a_group_is_named_only_if_it_is_probable_and_one(scores: tuple[BreedScore, ...], form: Form) -> None:
    assert shape(Stored(Kind.UNSURE, scores)).form is form


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("group", sorted(set(catalogue().groups) - {"unrecognised"}))
def test_every_group_has_a_name_in_an_answer(group: str, language: str) -> None:
    members = [slug for slug, breed in catalogue().items() if breed.group == group][:2]
    share = 0.9 / len(members)

    text = answer(Stored(Kind.UNSURE, top(**dict.fromkeys(members, share))), language).text

    assert "group-" not in text
    assert "<b>" in text


def test_more_shows_the_three_best_as_bars_and_leads_back() -> None:
    view = answer_with_ranking(SURE, "en")

    assert view.plain.splitlines()[0] == answer(SURE, "en").plain
    assert [line.split()[-2:] for line in view.plain.splitlines()[2:]] == [
        ["Afghan", "Hound"],
        ["2%", "Borzoi"],
        ["1%", "Saluki"],
    ]
    assert AnswerPress.parse(view.keyboard[-1][-1].data) == AnswerPress(Action.BACK, TOKEN)


def test_the_card_stands_under_the_answer() -> None:
    text = answer_with_card(SURE, "en").plain

    assert text.startswith(answer(SURE, "en").plain)
    assert "Sighthounds" in text
    assert "Afghanistan" in text
    assert "63–74\u00a0cm" in text
    assert "Dignified" in text


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("prediction", ALL)
def test_whatever_is_opened_keeps_the_answer_and_its_two_buttons(prediction: Stored, language: str) -> None:
    for view in (answer_with_ranking(prediction, language), answer_with_card(prediction, language)):
        assert view.text.startswith(answer_text(prediction, language))
        assert view.keyboard[0] == answer(prediction, language).keyboard[0]


@pytest.mark.parametrize(
    ("prediction", "offered"),
    [
        (SURE, [Action.WHY, Action.MORE, Action.ABOUT]),
        (TWO, [Action.WHY, Action.MORE, Action.ABOUT]),
        (LIKELY, [Action.WHY, Action.ABOUT]),  # its bars are there already
        (GROUPED, [Action.WHY, Action.ABOUT]),
        (UNSURE, [Action.WHY, Action.ABOUT]),
    ],
)
def test_the_second_row_offers_to_know_more(prediction: Stored, offered: list[Action]) -> None:
    assert [AnswerPress.parse(one.data).action for one in answer(prediction, "en").keyboard[1]] == offered


@pytest.mark.parametrize("prediction", [NO_DOG, BARE])
def test_where_nothing_is_named_there_is_no_more_to_know(prediction: Stored) -> None:
    assert len(answer(prediction, "en").keyboard) == 1


def test_a_likely_breed_comes_with_the_runners_up_that_matter() -> None:
    lines = answer(LIKELY, "en").plain.splitlines()

    assert lines == [
        "🐶 Probably Beagle",
        "",
        "███▊░░ 62% Beagle",
        "▊░░░░░ 12% Basset Hound",
        "▍░░░░░\u2007 6% Bloodhound",
        "",
        "Or a breed that I don’t know.",
    ]


def test_bars_tell_five_percent_more_from_five_percent_less() -> None:
    steps = [percent / 100 for percent in range(1, 101, 5)]
    bars = [line.split()[0] for line in ranking((("beagle", step) for step in steps), "en").splitlines()]

    assert len(set(bars)) == len(steps)
    assert {len(bar) for bar in bars} == {CELLS}


def test_an_unsure_answer_says_so_and_that_it_may_not_know_the_breed() -> None:
    text = answer(UNSURE, "en").plain

    assert text.startswith("🤔 I’m not sure")
    assert "I may not know this breed" in text
    assert "27% Beagle\n" in text
    assert "22% Basset Hound\n" in text


def test_a_breed_below_85_percent_is_a_probable_one() -> None:
    one = Stored(Kind.BREED, top(siberian_husky=0.61, alaskan_malamute=0.04))

    assert answer(one, "en").plain == "🐶 Probably Siberian Husky — 61%, or a breed that I don’t know."
    assert answer(one, "fr").plain.startswith("🐶 Sans doute")


def test_a_probable_breed_comes_with_those_that_are_taken_for_it() -> None:
    shiba, sure = (Stored(Kind.BREED, top(shiba_inu=score, basenji=0.04)) for score in (0.84, 0.97))

    assert answer(shiba, "en").plain == (
        "🐶 Probably Shiba Inu — 84%, or a breed that looks like it (Akita) or that I don’t know."
    )
    assert "(Akita)" in answer(shiba, "fr").plain
    assert answer(sure, "en").plain == "🐶 Shiba Inu — 97%"
    ranked = Stored(Kind.BREED, top(shiba_inu=0.62, basenji=0.12))
    assert answer(ranked, "en").plain.endswith("Or a breed that looks like it (Akita) or that I don’t know.")


def test_a_breed_that_is_in_the_ranking_is_not_named_again() -> None:
    taught = Stored(Kind.BREED, top(shiba_inu=0.62, akita=0.12))

    assert answer(taught, "en").plain.endswith("\nOr a breed that I don’t know.")


@pytest.mark.parametrize("language", languages())
def test_tips_name_what_is_wrong_with_this_photo_where_the_answer_is_not_sure(language: str) -> None:
    told = {one: answer(one, language) for one in (SURE, LIKELY, NO_DOG)}
    remarks = ["small", "dark", "of_a_later_release"]

    assert with_remarks(told[SURE], SURE, language, remarks=remarks) == told[SURE]
    assert with_remarks(told[LIKELY], LIKELY, language, remarks=None) == told[LIKELY]
    assert with_remarks(told[LIKELY], LIKELY, language, remarks=remarks).plain.count("💡") == 2
    assert with_remarks(told[NO_DOG], NO_DOG, language, remarks=remarks).plain.count("💡") == 1
    assert all("tip-" not in with_remarks(told[LIKELY], LIKELY, language, remarks=[one]).text for one in Remark)


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
    assert AnswerPress.parse(right.data) == AnswerPress(Action.CONFIRM, TOKEN)
    assert AnswerPress.parse(wrong.data) == AnswerPress(Action.WRONG, TOKEN)


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
        text = answer(Stored(Kind.BREED, top(**{slug: confidence, rival: 0.1})), language).plain

        assert breed.name(language) in text
        assert f"{confidence * 100:.0f}" in text


def test_a_breed_that_the_catalogue_has_lost_is_still_readable() -> None:
    assert "Breed of another catalogue" in answer(LOST, "en").text
