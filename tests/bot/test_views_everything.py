"""Whatever is said, in whatever language: Telegram takes it."""

import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from telegram_html import problems
from view_samples import ALL, TOKEN, Stored

from bot.conversation.answer.corrections import corrections, search_prompt, search_results
from bot.conversation.answer.view import answer, answer_with_card, answer_with_comparison, answer_with_ranking
from bot.conversation.banned import banned
from bot.conversation.breeds.card import card_text
from bot.conversation.breeds.inline_view import inline_door, inline_results, popular_breeds
from bot.conversation.breeds.view import breed_card, breed_groups, breed_matches, breeds_named, group_page
from bot.conversation.callback import Toast, wait
from bot.conversation.claims.view import fate, overruled, thanks
from bot.conversation.compare.view import compare_how, compare_with, comparison
from bot.conversation.guests.view import elsewhere, no_photo, with_guest_notice
from bot.conversation.heatmap.view import heat
from bot.conversation.menu import commands
from bot.conversation.models.facts import KnownModel, ModelsPage
from bot.conversation.models.retrain_view import (
    retrain_already,
    retrain_elsewhere,
    retrain_ended,
    retrain_started,
)
from bot.conversation.models.view import (
    gate_in_words,
    models,
    models_refused,
    promote_question,
    promoted,
    roll_back_question,
    rolled_back,
)
from bot.conversation.moderation.bans import ban_done, ban_refused, ban_usage, unban_done
from bot.conversation.moderation.card_view import (
    Around,
    Card,
    Done,
    LastStep,
    console_link,
    nothing_waits,
    other_breed,
    review_card,
    review_search,
    review_search_results,
)
from bot.conversation.notice import Notice, notice
from bot.conversation.personal.help_view import cancelled, help_, start
from bot.conversation.personal.history_view import ON_PAGE, history, history_is_private
from bot.conversation.personal.language_view import language_choice
from bot.conversation.personal.stats_view import stats
from bot.conversation.personal.thanks_view import overruled_view, part_of_model, thanks_switched
from bot.conversation.photo.view import (
    ask_again,
    failure,
    foreign,
    queue_position,
    slow_down,
    slow_file,
    something_wrong,
    too_big,
    too_many_wait,
    try_later,
)
from bot.conversation.privacy.forget_view import forget_question, forgotten, kept
from bot.conversation.privacy.my_data_view import my_data, packed_just_now, sent_in_private, write_to_me
from bot.conversation.privacy.view import privacy, with_consent, with_consent_question, with_first_notice
from bot.conversation.settings.view import settings_card
from bot.telegram.message import LIMIT_LABEL, Answered, View
from bot.texts import Html, languages, say_plain
from core.breeds.catalogue import NOT_A_DOG, catalogue
from core.claim import Decision, Verdict
from core.prediction import BreedScore, Kind
from core.review_priority import WAITING
from db.chat.chat_records import Consent, Holdings, ModelVersionRecord, ReviewRecord
from db.chat.history import PastAnswer
from db.learning.learning_records import (
    CommunityStats,
    EvidenceRecord,
    RetrainRecord,
    RetrainStatus,
    RetrainTrigger,
    ReviewCounts,
    ReviewItem,
    ShadowAgreement,
)
from db.learning.model_versions import Teacher
from inference.queue.protocol import Failure

NASTY = "</b><script>&amp;\u202e\x00\n\ud800{breed}%s" * 200
NOW = datetime(2026, 11, 23, tzinfo=UTC)
BREEDS = list(catalogue().values())
NOW = datetime(2026, 11, 23, tzinfo=UTC)
LONGEST_ID = 2**52 - 1  # https://core.telegram.org/bots/api#user
PAST = [
    PastAnswer(
        *(TOKEN, Kind(kind), (BreedScore("chesapeake_bay_retriever", 0.5),), 0.1, NOW, verdict, "pug", "x" * 60),
        dogs=3,
        chat_id=chat_id,
        answer_message_id=4711,
    )
    for kind in Kind
    for verdict in (None, *Verdict)
    for chat_id in (LONGEST_ID, -1_001_234_567_890, -1234)
]


def about(prediction: Answered, language: str) -> Iterator[View]:
    yield answer(prediction, language)
    yield answer_with_ranking(prediction, language)
    yield answer_with_card(prediction, language)
    yield answer_with_comparison(prediction, language)
    yield from (heat(prediction, breed, language) for breed, _ in prediction.top)
    yield from (heat(prediction, breed, language, "beagle") for breed, _ in prediction.top)
    yield corrections(prediction, language)
    yield from (thanks(prediction, verdict, language, "beagle") for verdict in Verdict)
    yield search_prompt(prediction, language)
    yield search_results(prediction, NASTY, BREEDS[:6], language)
    yield search_results(prediction, NASTY, [], language)


def other(language: str) -> Iterator[View]:
    yield from (failure(reason, language) for reason in Failure)
    yield from (notice(what, language) for what in Notice)
    yield from (queue_position(position, wait_s, language) for position in (0, 1, 2, 9999) for wait_s in (-1, 0.2, 1e6))
    yield from (try_later(wait_s, language) for wait_s in (0, 30, 600))
    yield from (cancelled(language, awaited=awaited) for awaited in (False, True))
    yield from (language_choice(chosen, LONGEST_ID, language) for chosen in (None, *languages()))
    for on in (False, True):
        yield settings_card(automatic=on, learns=on, thanks=on, user_id=LONGEST_ID, language=language)
    yield no_photo("breedbot", language)
    yield elsewhere(answer(ALL[0], language), language)
    yield with_guest_notice(answer(ALL[0], language), language)
    yield from (breed_groups(LONGEST_ID, language, inline=inline) for inline in (False, True))
    yield from (group_page(group, page, LONGEST_ID, language) for group in catalogue().groups for page in (0, 3, 99))
    yield from (breed_card(breed, LONGEST_ID, language, inline=True) for breed in BREEDS)
    yield from (breed_matches(NASTY, found, LONGEST_ID, language) for found in (BREEDS[:9], []))
    yield breeds_named(BREEDS[:9], LONGEST_ID, language)
    yield from (comparison(one.slug, BREEDS[-1].slug, LONGEST_ID, language) for one in BREEDS[:-1])
    yield from (compare_with(breed.slug, LONGEST_ID, language) for breed in BREEDS)
    yield from (compare_how(unknown, language) for unknown in ((), (NASTY,), (NASTY, NASTY)))
    for past, total in (*((PAST[first:][:ON_PAGE], 99) for first in range(len(PAST))), (PAST[:1], 1), ([], 0)):
        yield history(past, total, 1, LONGEST_ID, language, NOW + timedelta(days=9))
    yield history_is_private(language)
    yield slow_file(language)
    yield foreign("JPEG XL", language)
    yield from (
        something_wrong(language),
        start(language),
        help_(language, None, "breedbot"),
        too_big(20 * 2**20, language),
    )


def about_privacy(language: str) -> Iterator[View]:
    """Pages, questions under an answer, the document, limits and bans."""
    said = (None, *Consent)
    yield from (privacy(consent, days, LONGEST_ID, language) for consent in said for days in (0, 1, 36_500))
    for prediction in ALL:
        shown = answer(prediction, language)
        yield with_first_notice(shown, prediction, LONGEST_ID, language)
        yield from (with_consent_question(shown, prediction, LONGEST_ID, language, gone=gone) for gone in (False, True))
        yield from (with_consent(shown, consent, language) for consent in Consent)
        yield from (thanks(prediction, verdict, language, "pug", learned=False) for verdict in Verdict)
    yield from (my_data(photos, left_out, language) for photos in (0, 9999) for left_out in (0, 1, 9999))
    yield from (sent_in_private(language), write_to_me(language), packed_just_now(599, language))
    yield from (too_many_wait(100, language), ask_again(20, 59, language))
    yield from (slow_down(whose, 20, wait_s, language) for whose in ("user", "chat") for wait_s in (0.2, 59))
    yield from (banned(language), ban_usage(language), ban_refused(language))
    yield from (view(LONGEST_ID, new, language) for view in (ban_done, unban_done) for new in (False, True))


@pytest.mark.parametrize("language", languages())
def test_every_view_about_privacy(language: str) -> None:
    for view in about_privacy(language):
        assert_telegram_takes(view)


@pytest.mark.parametrize("language", languages())
def test_a_document_s_caption_fits(language: str) -> None:
    """https://core.telegram.org/bots/api#senddocument."""
    assert len(my_data(10**9, 10**9, language).plain) <= 1024


def words_about_decisions(language: str) -> Iterator[Html]:
    """For each thing that can be decided about each thing that can be said."""
    for decision, breed in product(Decision, (None, "pug", NOT_A_DOG)):
        review = ReviewRecord(1, 1, decision, breed, "policy", None, PAST[0].created_at)
        for claimed in (None, "pug", NOT_A_DOG):
            yield fate(review, claimed, language)
            told = overruled(review, NASTY, claimed, "today", language)
            yield from () if told is None else (told,)


def of_the_learning_loop(language: str) -> Iterator[View]:
    yield from (part_of_model("m" * 128, count, 10_000, 7, language) for count in (0, 1, 2, 10_000))
    yield from (overruled_view(words, 7, language) for words in words_about_decisions(language))
    yield from (thanks_switched(wanted, 7, language) for wanted in (True, False))
    yield from (forget_question(7, language), forgotten(Holdings(1, 10**9, 0), language), kept(language))
    yield from (retrain_started(seconds, language) for seconds in (0, 1, 7.4))
    yield from (retrain_already(language), retrain_elsewhere(language))
    yield from (retrain_ended(retrain(status), language) for status in RetrainStatus)
    yield retrain_ended(None, language)
    taught = CommunityStats(10**9, 10**9, 10**6, [(slug, 9**9) for slug in ("not_a_dog", *catalogue())], 10_000, 99)
    yield from (stats(community, version(), language) for community in (taught, CommunityStats(0, 0, 0, (), 0, 0)))
    for full in (
        models_page("m" * 128, reins=True),
        models_page("dogs132-20261130-f7626b", reins=True),
        models_page("m", reins=False),
        ModelsPage(None),
    ):
        yield models(full, language)
        yield roll_back_question(full, language)
        for candidate in full.candidates:
            yield from (promote_question(candidate, full, language), gate_in_words(candidate, language))
    yield from (promoted("m" * 128, language), models_refused(NASTY, language))
    yield from (rolled_back("m" * 128, "n" * 128, count, language) for count in (0, 1, 10_000))
    yield console_link("https://dogs.example.org/console/login/" + "x" * 43, language)


def retrain(status: RetrainStatus) -> RetrainRecord:
    verdict = {"checks": [{"name": "n", "passed": False, "sentence": NASTY}] * 20}
    return RetrainRecord(
        1, NOW, NOW, RetrainTrigger.COMMAND, status, "c", "m" * 128, 62, verdict, None, "host", 1
    )  # fmt: skip


def models_page(name: str, *, reins: bool) -> ModelsPage:
    """With as much on it as there can be."""
    made, teachers = retrain(RetrainStatus.SHADOW), [Teacher(LONGEST_ID, 10**6, 10**5)] * 40
    tried = [
        KnownModel(version(name), made, teachers, ShadowAgreement(seen, 0, judged, 0, 0))
        for seen, judged in ((0, 0), (9, 9), (99, 0))
    ]
    lesson = [EvidenceRecord(1, LONGEST_ID, "0" * 64, Verdict.CORRECT, "pug", "policy")] * 3
    last = [retrain(status) for status in RetrainStatus]
    return ModelsPage(
        KnownModel(version(name), made, teachers), KnownModel(version("old")), tried, last, 50, lesson, reins
    )


def version(name: str = "m" * 128) -> ModelVersionRecord:
    metrics = {"top1": {"value": 0.91, "n": 1035}, "ece": 0.03, "not_a_dog_rejected": {"value": 1.0, "n": 180}}
    return ModelVersionRecord(name, "b", NOW, NOW, NOW, {"labels": ["pug"], "metrics": metrics}, None)


def cards(language: str) -> Iterator[View]:
    """Every card that a moderator can get before them."""
    heat = (None, "pug", "not_a_dog")
    for prediction, verdict, painted in product(ALL, WAITING, heat):
        for around in (Around(1), Around(10_000, LastStep(Done.ACCEPTED, "pug"), 7, heatmaps=True, console=True)):
            card = Card(claim(prediction, verdict), ReviewCounts(1, 10**6, 10**6), around, painted)
            yield from (review_card(card, language), other_breed(card, language), review_search(card, language))
    for done in Done:
        yield nothing_waits(Around(3, LastStep(done, "pug"), 7, console=True), language)
    yield from (review_search_results(10**9, NASTY, found, language) for found in ([], BREEDS))


def claim(prediction: Stored, verdict: Verdict) -> ReviewItem:
    named = {Verdict.CORRECT: "american_staffordshire_terrier"}.get(verdict)
    suggestion = "<b>&\u202e" + "W" * 55 if verdict is Verdict.OTHER else None
    kind, top = prediction.kind, prediction.top
    return ReviewItem(10**9, 1, 1, verdict, named, suggestion, 1.0, kind, top, 0.5, "m", "0" * 64, NOW)


@pytest.mark.parametrize("language", languages())
def test_every_card_fits_under_a_photo(language: str) -> None:
    for view in cards(language):
        assert_telegram_takes(view)
        assert len(view.plain.encode("utf-16-le")) // 2 <= 1024  # https://core.telegram.org/bots/api#sendphoto


@pytest.mark.parametrize("language", languages())
def test_every_view_of_the_learning_loop(language: str) -> None:
    for view in of_the_learning_loop(language):
        assert_telegram_takes(view)


def assert_telegram_takes(view: View) -> None:
    assert problems(view.text) == []
    assert 1 <= len(view.text.encode("utf-16-le")) // 2 <= 4096
    for button in (button for row in view.keyboard for button in row):
        ways = [button.data or None, button.share, button.find]
        assert len([way for way in ways if way is not None]) == 1
        assert len(button.data.encode()) <= 64
        assert 1 <= len(button.text) <= LIMIT_LABEL
        assert len(button.text.splitlines()) == 1


@pytest.fixture(autouse=True)
def no_gap_in_the_catalogues(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    with caplog.at_level(logging.ERROR, "bot.texts"):
        yield
    assert caplog.messages == []


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("prediction", ALL)
def test_every_view_of_an_answer(prediction: Stored, language: str) -> None:
    for view in about(prediction, language):
        assert_telegram_takes(view)


@pytest.mark.parametrize("language", languages())
def test_every_other_view(language: str) -> None:
    for view in other(language):
        assert_telegram_takes(view)


@pytest.mark.parametrize("language", languages())
def test_every_breed_in_every_place(language: str) -> None:
    for kind in Kind:
        for slug in catalogue():
            prediction = Stored(kind, (BreedScore(slug, 0.5), BreedScore("pug", 0.3)))

            for view in (answer(prediction, language), corrections(prediction, language)):
                assert_telegram_takes(view)


shares = st.floats(0, 1)
guesses = st.lists(st.tuples(st.sampled_from(sorted(catalogue())) | st.text(), shares), max_size=5).map(tuple)


@given(st.builds(Stored, st.sampled_from(Kind), guesses, shares), st.sampled_from([*languages(), "xx"]))
def test_any_prediction_can_be_shown(prediction: Stored, language: str) -> None:
    for view in about(prediction, language):
        assert problems(view.text) == []
        assert len(view.text) <= 4096


@pytest.mark.parametrize("language", languages())
def test_toasts_and_commands_fit(language: str) -> None:
    assert all(1 <= len(say_plain(language, f"toast-{what}")) <= 200 for what in Toast)
    assert all(1 <= len(wait(wait_s, language)) <= 200 for wait_s in (0.2, 1, 59.9))
    assert all(1 <= len(description) <= 256 for _, description in commands(language))


@pytest.mark.parametrize("language", languages())
def test_every_breed_can_be_shared(language: str) -> None:
    """https://core.telegram.org/bots/api#inlinequeryresult."""
    results = inline_results(BREEDS, language)

    assert len({result.id for result in results}) == len(BREEDS)
    for result in results:
        assert 1 <= len(result.id.encode()) <= 64
        assert result.title
        assert result.description
        assert result.text == card_text(result.id, language)
    assert 1 <= len(popular_breeds()) <= 50
    assert all(len(inline_door(found, language).start) <= 64 for found in (False, True))


def test_every_situation_has_a_sentence_of_its_own() -> None:
    for language in languages():
        texts = [
            view.text for view in [*(failure(r, language) for r in Failure), *(notice(n, language) for n in Notice)]
        ]

        assert len(set(texts)) == len(Failure) + len(Notice)


def test_a_language_that_we_do_not_speak_is_answered_in_english() -> None:
    assert start("xx") == start("en")


def test_the_plain_text_has_no_markup() -> None:
    view = View("<b>A</b> &lt;b&gt; <code>x</code> 1 &lt; 2")

    assert view.plain == "A <b> x 1 < 2"


@pytest.mark.parametrize(
    ("position", "wait_s", "said"),
    [
        (1, 2, "⏳ You’re next in line, about 2 sec."),
        (3, 4.2, "⏳ You’re number 3 in line, about 5 sec."),
        (12, 41, "⏳ You’re number 12 in line, about 50 sec."),
        (400, 600, "⏳ You’re number 400 in line, about 10 min."),
    ],
)
def test_the_place_in_line_is_told_with_an_honest_time(position: int, wait_s: float, said: str) -> None:
    assert queue_position(position, wait_s, "en").text == said


def test_limits_are_told_in_the_reader_s_units() -> None:
    assert "20 MB" in too_big(20 * 2**20, "en").text
    assert "20 Mo" in too_big(20 * 2**20, "fr").text


def test_privacy_is_told_at_the_start() -> None:
    assert "an hour after my answer, unless you let me learn" in start("en").text
    assert "une heure après ma réponse, sauf si tu me laisses apprendre" in start("fr").text
