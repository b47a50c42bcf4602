"""Whatever is said, in whatever language: Telegram takes it."""

import logging
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from telegram_html import problems
from view_samples import ALL, Stored

from bot.texts import languages
from bot.views.answer import answer
from bot.views.corrections import corrections
from bot.views.failure import failure, something_wrong, too_big, try_later
from bot.views.guidance import commands, help_, start
from bot.views.notice import Notice, notice
from bot.views.search import search_prompt, search_results
from bot.views.thanks import thanks
from bot.views.toast import Toast, toast
from bot.views.view import LIMIT_LABEL, Answered, View
from bot.views.waiting import queue_position
from db.records import Verdict
from inference.breeds import catalogue
from inference.prediction import Kind
from inference.queue import Failure

NASTY = "</b><script>&amp;\u202e\x00\n\ud800{breed}%s" * 200
BREEDS = list(catalogue().values())


def about(prediction: Answered, language: str) -> Iterator[View]:
    yield answer(prediction, language)
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
    yield from (something_wrong(language), start(language), help_(language), too_big(20 * 2**20, language))


def assert_telegram_takes(view: View) -> None:
    assert problems(view.text) == []
    assert 1 <= len(view.text.encode("utf-16-le")) // 2 <= 4096
    for button in (button for row in view.keyboard for button in row):
        assert 1 <= len(button.data.encode()) <= 64
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
            prediction = Stored(kind, ((slug, 0.5), ("pug", 0.3)))

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
    assert all(1 <= len(toast(what, language)) <= 200 for what in Toast)
    assert all(1 <= len(description) <= 256 for _, description in commands(language))


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
    assert "stored on this server" in start("en").text
    assert "conservées sur ce serveur" in start("fr").text
