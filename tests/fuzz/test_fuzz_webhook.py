"""Whatever is sent to the webhook's address is taken, or refused with a word of HTTP, and never an internal error."""

import json
import random
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest_asyncio
from fuzz_size import SIZE
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from odd_life import OddLife
from odd_updates import NASTY, odd_update

from bot.http_server import SECRET_HEADER

SECRET, PATH = "a-secret-of-our-own", "/hook"
MANY = settings(max_examples=SIZE.of(0.02), derandomize=SIZE.is_usual, suppress_health_check=list(HealthCheck))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9) | st.sampled_from(NASTY),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
)
UPDATES = st.builds(
    lambda seed, update_id: {"update_id": update_id} | odd_update(random.Random(seed)),
    st.integers(0, 2**32),
    st.one_of(st.integers(-3, 2**31), st.sampled_from([None, True, "7", 2**63, 2**70, 1.5])),
)
BODIES = st.one_of(
    st.binary(max_size=200),
    st.builds(lambda value: json.dumps(value).encode(), st.one_of(JSON, UPDATES)),
    st.builds(lambda update, at: json.dumps(update).encode()[:at], UPDATES, st.integers(0, 400)),
    st.sampled_from([b'{"update_id": NaN}', b'{"update_id": 1e999}', b'{"update_id": 1, "update_id": 2}']),
    st.sampled_from(
        [b"", b"[" * 100_000, b'{"a":' * 100_000, b"9" * 5_000, b"\xff\xfe{\x00}\x00", b'{"update_id": NaN}']
    ),
)


@dataclass
class Hook:
    """The webhook of a living bot. ``post(body)`` says what became of it."""

    life: OddLife
    session: aiohttp.ClientSession

    async def post(self, body: bytes, headers: dict[str, str]) -> int:
        url = f"http://127.0.0.1:{self.life.stage.web.port}{PATH}"
        async with self.session.post(url, data=body, headers=headers) as response:
            return response.status


@pytest_asyncio.fixture
async def hook(life: OddLife) -> AsyncIterator[Hook]:
    accept = life.stage.app.parts.intake.accept

    async def take(update: dict[str, Any]) -> bool:
        await accept([update])
        return True

    life.stage.web.open_webhook(PATH, SECRET, take)
    async with aiohttp.ClientSession() as session:
        yield Hook(life, session)


@MANY
@given(body=BODIES)
async def test_any_body_with_the_secret_is_taken_or_refused(hook: Hook, body: bytes) -> None:
    status = await hook.post(body, {SECRET_HEADER: SECRET})
    await hook.life.stage.settled()

    assert status in {200, 400}
    assert [one for one in hook.life.complaints.said if "without an id" not in one] == []


@MANY
@given(body=BODIES, secret=st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=40))
async def test_without_the_secret_nothing_is_even_read(hook: Hook, body: bytes, secret: str) -> None:
    before = hook.life.outcomes()

    assert await hook.post(body, {SECRET_HEADER: secret}) == 403
    assert await hook.post(body, {}) == 403
    assert hook.life.outcomes() == before
