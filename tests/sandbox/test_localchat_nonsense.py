"""No arguments, however odd, are an internal error."""

from typing import Any

import aiohttp
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from sandbox import ALICE, LocalChat
from sandbox.api.methods import METHODS

NAMES = [
    "text", "caption", "parse_mode", "reply_markup", "reply_parameters", "entities", "message_id",
    "media", "photo", "document", "reaction", "commands", "scope", "user_id",
    "callback_query_id", "file_id", "action", "allowed_updates", "offset", "limit", "url",
]  # fmt: skip
LEAVES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=20),
    st.sampled_from(["HTML", "<b>", "typing", "attach://x", "{}", "[1]", ALICE.id, "emoji", "1", "/x"]),
)  # fmt: skip
KEYS = st.sampled_from(
    ["inline_keyboard", "type", "text", "callback_data", "media", "emoji", "message_id", "offset", "length", "command"]
)
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3), max_leaves=8
)


@pytest.mark.parametrize("method", METHODS)
@example({"message_id": 2**70})
@example({"message_id": float("inf"), "chat_id": float("nan")})
@example({"text": "x", "entities": [{"type": "bold", "offset": "0", "length": None}]})
@example({"reaction": ["x"]})
@example({"reaction": [{"type": "emoji", "emoji": []}]})
@example({"text": "x", "reply_markup": {"inline_keyboard": [[{"text": ["x"], "callback_data": {}}]]}})
@example({"text": "\ud800", "commands": [{"command": "x", "description": "\ud800"}]})
@example({"media": [{"type": "photo", "media": 7}], "scope": {"type": []}})
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(arguments=st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=6))
async def test_nonsense_is_refused_or_done(chat: LocalChat, method: str, arguments: dict[str, Any]) -> None:
    body = {"chat_id": ALICE.id, "message_id": 1, **arguments}
    world = chat.world
    if world.messages.get(ALICE.id, 1) is None:
        world.post(ALICE.id, world.bot_user, {"text": "to be edited"})
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{chat.url}/bot{chat.token}/{method}", json=body) as response,
    ):
        answer = await response.json()

    assert response.status in {200, 400, 409}
    assert answer["ok"] == (response.status == 200)
