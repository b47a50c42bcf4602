"""Buttons of moderators, and those about oneself: everything we write is read back, nothing else is."""

from operator import attrgetter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.conversation.answer.press import AnswerPress
from bot.conversation.callback import LIMIT_BYTES, BadCallback
from bot.conversation.moderation.press import WITH_BREED, WITHOUT_CLAIM, ReviewAction, ReviewPress
from bot.conversation.personal.press import WITH_CHOICE, OwnAction, OwnPress
from core.breeds.catalogue import NOT_A_DOG, catalogue

BARE = [action for action in ReviewAction if action not in WITH_BREED | WITHOUT_CLAIM]
LAST_ID = 10**12 - 1

claims = st.integers(1, LAST_ID)
breeds = st.sampled_from([*catalogue(), NOT_A_DOG])
presses = (
    st.builds(ReviewPress, st.sampled_from(BARE), claims)
    | st.builds(ReviewPress, st.sampled_from(sorted(WITH_BREED)), claims, breeds)
    | st.builds(ReviewPress, st.sampled_from(sorted(WITHOUT_CLAIM)))
)
people = st.integers(1, 10**18)
own_presses = st.builds(OwnPress, st.sampled_from(sorted(set(OwnAction) - WITH_CHOICE)), people) | st.builds(
    OwnPress, st.sampled_from(sorted(WITH_CHOICE)), people, st.from_regex(r"[a-zA-Z0-9_]{1,16}", fullmatch=True)
)


@given(presses)
def test_what_a_moderator_s_button_says_is_read_back(press: ReviewPress) -> None:
    assert ReviewPress.parse(press.data) == press


def test_every_breed_fits_into_a_button_of_the_last_claim() -> None:
    sizes = [len(ReviewPress(ReviewAction.HEAT, LAST_ID, slug).data) for slug in (*catalogue(), NOT_A_DOG)]

    assert max(sizes) <= LIMIT_BYTES


@given(st.text() | st.from_regex(r"1:(r|own):[a-z]{0,6}:[0-9]{0,14}(:[a-z_]*)?\n?"))
def test_garbage_is_refused_or_was_ours(data: str) -> None:
    for form in (ReviewPress, OwnPress, AnswerPress):
        try:
            press = form.parse(data)
        except BadCallback:
            continue

        assert press.data == data


@pytest.mark.parametrize(
    "forged",
    [
        "1:r:ok:0", "1:r:ok:", "1:r:ok:-1", "1:r:ok:01", "1:r:ok:1:beagle", "1:r:pick:1", "1:r:pick:1:unicorn",
        "1:r:next:1", "1:r:web:7", "1:r:drop:1", "1:r:ok:1000000000000", "1:r:ok:١", "2:r:ok:1", "1:r:ok:1\n",
    ],
)  # fmt: skip
def test_forged_data_of_a_card_is_refused(forged: str) -> None:
    with pytest.raises(BadCallback):
        ReviewPress.parse(forged)


@given(own_presses)
def test_what_a_button_about_oneself_says_is_read_back(press: OwnPress) -> None:
    assert OwnPress.parse(press.data) == press
    assert len(press.data) <= LIMIT_BYTES


@given((presses | own_presses).map(attrgetter("data")))
def test_no_button_is_taken_for_one_of_another_kind(data: str) -> None:
    with pytest.raises(BadCallback):
        AnswerPress.parse(data)
