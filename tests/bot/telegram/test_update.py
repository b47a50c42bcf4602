"""Raw updates, however odd, are read without an accident."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.telegram.update import Malformed, chat_id_of, kind_of, parse, update_id_of, wanted

ENVELOPE = st.sampled_from(["update_id", "message", "callback_query", "chat", "from", "id", "message_id"])
KEYS = ENVELOPE | st.sampled_from(["photo", "date", "data", "text", "type", "document"])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.floats(allow_nan=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=5),
    max_leaves=15,
)


@given(st.dictionaries(KEYS, VALUES, max_size=5))
def test_any_json_is_an_update_none_or_malformed(payload: dict[str, object]) -> None:
    chat_id = chat_id_of(payload)
    update_id = update_id_of(payload)
    with suppress(Malformed):
        parse(payload)

    assert chat_id is None or -(2**63) <= chat_id < 2**63
    assert update_id is None or -(2**63) <= update_id < 2**63
    assert kind_of(payload) in {"message", "callback_query", "other"}


def test_the_chat_of_each_kind_of_update() -> None:
    assert chat_id_of({"update_id": 1, "message": {"chat": {"id": 5}, "from": {"id": 6}}}) == 5
    assert chat_id_of({"update_id": 1, "callback_query": {"from": {"id": 6}, "message": {"chat": {"id": -5}}}}) == -5
    assert chat_id_of({"update_id": 1, "callback_query": {"from": {"id": 6}}}) == 6
    assert chat_id_of({"update_id": 1, "inline_query": {"from": {"id": 6}}}) == 6
    assert chat_id_of({"update_id": 1, "poll": {"id": "7"}}) is None
    assert chat_id_of({"update_id": 1, "guest_message": {"chat": {"id": 5}, "from": {"id": 6}}}) == 6
    assert chat_id_of({"update_id": 1, "message_reaction": {"chat": {"id": -5}, "user": {"id": 6}}}) == -5


@pytest.mark.parametrize(
    ("before", "after", "is_wanted"),
    [("", "👍", True), ("👎", "👍", True), ("👎", "", True), ("", "❤", False), ("👍❤", "👍🔥", False), ("", "", False)],
)
def test_of_reactions_only_a_thumb_that_came_or_went_is_wanted(before: str, after: str, is_wanted: bool) -> None:
    old, new = ([{"type": "emoji", "emoji": one} for one in emojis] for emojis in (before, after))

    assert wanted({"update_id": 1, "message_reaction": {"old_reaction": old, "new_reaction": new}}) is is_wanted
