"""Whatever somebody writes, types or presses: it is understood or refused, and no longer than it may be."""

import random
from collections.abc import Callable

import pytest
from fuzz_size import SIZE
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from odd_updates import NASTY, button, words

from bot.conversation.answer.corrections import suggested_name
from bot.conversation.answer.press import AnswerPress
from bot.conversation.breeds.breed_name import caption_hint, named_breeds
from bot.conversation.breeds.press import BreedsPress
from bot.conversation.breeds.search import BreedSearch
from bot.conversation.callback import BadCallback
from bot.conversation.moderation.press import ReviewPress
from bot.conversation.personal.press import OwnPress
from bot.conversation.privacy.press import PrivacyPress
from bot.texts import languages
from core.breeds.catalogue import catalogue

SEARCH = BreedSearch(catalogue())
LIMIT_BYTES = 64
MANY = settings(
    max_examples=SIZE.of(0.05),
    derandomize=SIZE.is_usual,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
TEXTS = st.one_of(
    st.text(max_size=300),
    st.sampled_from([one for one in NASTY if one.isprintable()]),
    st.builds(lambda seed: words(random.Random(seed)), st.integers(0, 2**32)),
)
BUTTONS = st.one_of(
    TEXTS,
    st.builds(lambda seed: button(random.Random(seed)), st.integers(0, 2**32)),
    st.from_regex(r"\A1:[a-z:]{0,9}:[0-9A-Za-z_-]{0,14}(:[a-z_0-9]{0,9}){0,2}\Z"),
)
READ_BY: list[Callable[[str], object]] = [
    AnswerPress.parse, BreedsPress.parse, OwnPress.parse, PrivacyPress.parse, ReviewPress.parse
]  # fmt: skip


@pytest.mark.parametrize("parse", READ_BY, ids=lambda parse: parse.__self__.__name__)
@MANY
@given(data=BUTTONS)
def test_a_button_carries_what_its_version_could_have_written_or_is_refused(
    parse: Callable[[str], object], data: str
) -> None:
    try:
        pressed = parse(data)
    except BadCallback:
        return
    written = pressed.data  # type: ignore[attr-defined]

    assert parse(written) == pressed
    assert len(written.encode()) <= LIMIT_BYTES


@MANY
@given(TEXTS)
def test_a_caption_names_a_breed_or_none(caption: str) -> None:
    hint = caption_hint(caption)

    assert hint is None or hint in catalogue()


@pytest.mark.parametrize("language", languages())
@MANY
@given(query=TEXTS)
def test_a_search_finds_breeds_whatever_is_typed(language: str, query: str) -> None:
    found = SEARCH.find(query, language)

    assert all(one.slug in catalogue() for one in found)
    assert len(found) <= 20
    assert all(one.slug in catalogue() for one in named_breeds(query, found))


@MANY
@given(st.one_of(st.none(), TEXTS))
def test_a_name_that_is_suggested_can_be_stored_and_shown(typed: str | None) -> None:
    name = suggested_name(typed)

    assert name is None or (0 < len(name) <= 100 and name.isprintable())
