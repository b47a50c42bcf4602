"""Raw updates are made harmless before they are stored; of the wrong shape they are refused, and the flaw is named."""

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.telegram.raw_update import (
    DEPTH_LIMIT,
    Malformed,
    chat_id_of,
    cleaned,
    flaw,
    incoming,
    kind_of,
    parse,
    update_id_of,
)

ALICE = {"id": 1, "is_bot": False, "first_name": "Alice"}
TEXT = {"message_id": 1, "date": 1, "chat": {"id": 1, "type": "private"}, "from": ALICE, "text": "hello 🐕"}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=9),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
)

ENVELOPE = st.sampled_from(["update_id", "message", "callback_query", "chat", "from", "id", "message_id"])
KEYS = ENVELOPE | st.sampled_from(["photo", "date", "data", "text", "type", "document"])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.floats(allow_nan=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=5),
    max_leaves=15,
)


def nested(depth: int) -> object:
    value: object = "deep"
    for _ in range(depth):
        value = [{"x": value}]
    return value


def test_an_update_as_telegram_sends_them_stays_as_it_is() -> None:
    update = {"update_id": 1, "message": TEXT}

    assert cleaned(update) == update
    assert flaw(update) is None


@given(st.dictionaries(st.text(max_size=5), JSON, max_size=5))
def test_whatever_is_cleaned_can_be_stored_and_stays_clean(payload: dict[str, object]) -> None:
    clean = cleaned(payload)

    text = json.dumps(clean, ensure_ascii=False)
    assert "\x00" not in text.encode().decode()
    assert json.dumps(cleaned(clean)) == json.dumps(clean)
    flaw(clean)


@pytest.mark.parametrize(("text", "clean"), [("a\x00b", "a�b"), ("\ud800!", "�!"), ("\ud83d\udc15", "🐕"), ("é", "é")])
def test_what_no_database_takes_is_replaced(text: str, clean: str) -> None:
    assert cleaned({"message": {text: [text]}}) == {"message": {clean: [clean]}}


def test_what_is_buried_too_deep_is_left_out() -> None:
    clean = json.dumps(cleaned({"message": nested(400)}))

    assert clean.count("[") <= DEPTH_LIMIT
    assert "deep" not in clean


@pytest.mark.parametrize(
    "wrong",
    [
        {"text": 7},
        {"message_id": "1"},
        {"message_id": True},
        {"message_id": 2**70},
        {"photo": {}},
        {"photo": [7]},
        {"photo": [{"file_id": 7}]},
        {"entities": [None]},
        {"entities": [{"type": "bold", "offset": "0", "length": 1}]},
        {"caption_entities": [{"type": "bold", "offset": 0}]},
        {"from": {**ALICE, "id": -1}},
        {"from": {**ALICE, "id": 2**60}},
        {"from": {**ALICE, "id": "1"}},
        {"chat": {"id": 2**60, "type": "private"}},
        {"reply_to_message": {**TEXT, "text": []}},
        {"reply_markup": {"inline_keyboard": [[{"text": "x", "callback_data": 1}]]}},
        {"reply_markup": {"inline_keyboard": [7]}},
    ],
)
def test_a_value_of_the_wrong_kind_is_named(wrong: dict[str, object]) -> None:
    update = {"update_id": 1, "message": TEXT | wrong}

    assert flaw(update) is not None
    with pytest.raises(Malformed, match="update 1: "):
        parse(update)


@pytest.mark.parametrize("kind", ["callback_query", "inline_query", "my_chat_member"])
def test_what_nobody_asked_is_refused(kind: str) -> None:
    with pytest.raises(Malformed, match=f"{kind} has no 'from'"):
        parse({"update_id": 1, kind: {"id": "1", "chat": {"id": 1, "type": "private"}}})


@pytest.mark.parametrize("kind", ["message", "channel_post"])
def test_a_message_from_nowhere_is_refused(kind: str) -> None:
    with pytest.raises(Malformed, match=f"{kind} has no 'chat'"):
        parse({"update_id": 1, kind: {"message_id": 1, "date": 1, "from": ALICE, "text": "hello"}})


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

    update = incoming({"update_id": 1, "message_reaction": {"old_reaction": old, "new_reaction": new}})
    assert (update is not None) is is_wanted
