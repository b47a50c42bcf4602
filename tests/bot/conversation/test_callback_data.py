"""Callback data: everything we write is read back, nothing else is."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.conversation.answer.press import WITH_BREED, Action, AnswerPress
from bot.conversation.callback import LIMIT_BYTES, BadCallback
from core.breeds.catalogue import NOT_A_DOG, catalogue

TOKEN = "Zm9v_mFy-mF6"
URL_SAFE = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

tokens = st.text(URL_SAFE, min_size=12, max_size=12)
plain_presses = st.builds(AnswerPress, st.sampled_from([a for a in Action if a not in WITH_BREED]), tokens)
picks = st.builds(AnswerPress, st.sampled_from(sorted(WITH_BREED)), tokens, st.sampled_from(sorted(catalogue())))


@given(plain_presses | picks)
def test_what_is_written_is_read_back(press: AnswerPress) -> None:
    written = press.data

    assert AnswerPress.parse(written) == press
    assert len(written.encode()) <= LIMIT_BYTES


def test_every_breed_fits_into_a_button() -> None:
    sizes = {slug: len(AnswerPress(Action.PICK, TOKEN, slug).data.encode()) for slug in catalogue()}

    assert {slug: size for slug, size in sizes.items() if size > LIMIT_BYTES} == {}


@given(st.text() | st.from_regex(r"[12]:[a-z]{0,6}:[A-Za-z0-9_-]{10,14}(:[a-z_]*)?\n?"))
@example("1:ok:Zm9v_mFy-mF6\n")
@example("1:ok:Zm9v_mFy-mFé")
@example("١:ok:Zm9v_mFy-mF6")
def test_garbage_is_refused_or_was_ours(data: str) -> None:
    try:
        press = AnswerPress.parse(data)
    except BadCallback:
        return

    assert press.data == data


@pytest.mark.parametrize(
    "forged",
    [
        "",
        ":",
        "1",
        "1:ok",
        "1:ok:",
        f"ok:{TOKEN}",
        f"2:ok:{TOKEN}",
        f"0:ok:{TOKEN}",
        f"11:ok:{TOKEN}",
        f"1:OK:{TOKEN}",
        f"1:drop:{TOKEN}",
        f"1:ok:{TOKEN}x",
        f"1:ok:{TOKEN[:-1]}",
        f"1:ok:{TOKEN[:-1]}'",
        f" 1:ok:{TOKEN}",
        f"1:ok:{TOKEN} ",
        f"1:ok:{TOKEN}:",
        f"1:ok:{TOKEN}:beagle",
        f"1:pick:{TOKEN}",
        f"1:pick:{TOKEN}:",
        f"1:pick:{TOKEN}:unicorn",
        f"1:pick:{TOKEN}:{NOT_A_DOG}",
        f"1:pick:{TOKEN}:beagle:pug",
        f"1:pick:{TOKEN}:../../etc/passwd",
        f"1:pick:{TOKEN}:{'a' * 4000}",
    ],
)
def test_forged_data_is_refused(forged: str) -> None:
    with pytest.raises(BadCallback):
        AnswerPress.parse(forged)


@pytest.mark.parametrize(
    ("action", "token", "breed"),
    [(Action.PICK, TOKEN, None), (Action.CONFIRM, TOKEN, "beagle"), (Action.CONFIRM, "short", None)],
)
def test_a_button_that_could_not_be_read_back_is_never_made(action: Action, token: str, breed: str | None) -> None:
    with pytest.raises(BadCallback):
        AnswerPress(action, token, breed)
