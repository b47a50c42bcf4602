"""Whatever is asked of the console, by whomever: an answer or a refusal, no internal error, and nothing is decided."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from console_desk import ADA, Client, Desk
from fuzz_size import SIZE
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from odd_life import Complaints, listening
from odd_updates import NASTY
from yarl import URL

MANY = settings(max_examples=SIZE.of(0.05), derandomize=SIZE.is_usual, suppress_health_check=list(HealthCheck))
REFUSALS = {400, 401, 403, 404, 409, 410, 413, 415}
NUMBERS = st.one_of(st.integers(), st.sampled_from([0, -1, 2**63, 2**70, 10**17]))
LEAVES = st.one_of(st.none(), st.booleans(), NUMBERS, st.floats(), st.text(max_size=20), st.sampled_from(NASTY))
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2)
)
BODIES = st.one_of(
    st.binary(max_size=100),
    st.builds(lambda value: json.dumps(value).encode(), VALUES),
    st.builds(
        lambda event, decision, breed: json.dumps({"event_id": event, "decision": decision, "breed": breed}).encode(),
        st.one_of(st.just(1), VALUES),
        st.one_of(st.sampled_from(["accepted", "Accept", "skip ", "delete"]), VALUES),
        st.one_of(st.sampled_from(["beagle", "not_a_dog", "no_such_breed"]), VALUES),
    ),
    st.sampled_from([b"", b"[" * 100_000, b'{"event_id":' * 10_000, b"9" * 5_000, b"--x\r\n\r\n--x"]),
)
TYPES = st.sampled_from(
    ["application/json", "multipart/form-data", "multipart/form-data; boundary=x", "application/x-www-form-urlencoded",
     "text/plain; charset=no-such", "application/json; charset=utf-16", ""]
)  # fmt: skip
QUERIES = st.one_of(
    st.text(st.characters(min_codepoint=33, max_codepoint=126, exclude_characters="#"), max_size=60),
    st.sampled_from(["9" * 5_000, "1," * 2_000, "%00", "%ff%fe", "٣", "²", "%ED%A0%80"]),
)
PATHS = st.sampled_from(
    ["/decisions", "/decisions?day=9999-12-31&who=moderator:%00&before=9", "/models", "/models?done=x",
     "/", "/dashboard", "/api/next", "/api/breeds", "/photos/1", "/photos/999999999999999999", "/heatmaps/1/beagle",
     "/login/x", "/page/../console.py", "/page/review.js", "/..%2f..%2fetc/passwd", "//", "/api/next/", "/%00"]
)  # fmt: skip
POSTS = st.sampled_from(
    ["/api/decide", "/api/undo", "/decisions", "/models", "/logout/", "/api/next", "/login/" + "x" * 43]
)


@dataclass
class Visit:
    """A moderator's session, and one who has none, at a console where one claim waits."""

    desk: Desk
    client: Client
    stranger: aiohttp.ClientSession
    complaints: Complaints
    claim: int

    async def get(self, session: aiohttp.ClientSession, path: str, headers: dict[str, str]) -> int:
        async with session.get(URL(self.client.root + path, encoded=True), headers=headers) as response:
            await response.read()
            return response.status

    async def post(self, session: aiohttp.ClientSession, path: str, body: bytes, headers: dict[str, str]) -> int:
        url = URL(self.client.root + path, encoded=True)
        async with session.post(url, data=body, headers=headers) as response:
            await response.read()
            return response.status


@pytest_asyncio.fixture
async def visit(desk: Desk) -> AsyncIterator[Visit]:
    claim = await desk.claim("saluki")
    with listening() as complaints:
        async with desk.signed_in(ADA) as client, aiohttp.ClientSession() as stranger:
            yield Visit(desk, client, stranger, complaints, claim)


@MANY
@given(path=POSTS, body=BODIES, kind=TYPES, csrf=st.booleans())
async def test_no_body_decides_anything_or_is_an_internal_error(
    visit: Visit, path: str, body: bytes, kind: str, csrf: bool
) -> None:
    headers = {"Content-Type": kind} | ({"X-CSRF-Token": visit.client.csrf} if csrf else {})
    status = await visit.post(visit.client.session, path, body, headers)
    as_stranger = await visit.post(visit.stranger, path, body, headers)

    assert status in REFUSALS | {429} or (status, path) == (200, "/api/undo"), body  # of a claim that waits anyway
    assert as_stranger in REFUSALS | {429}
    assert await visit.desk.waiting(visit.claim) is not None
    assert visit.complaints.said == []


@MANY
@given(path=PATHS, name=st.sampled_from(["q", "event_id", "have", "days", "x"]), query=QUERIES, cookie=QUERIES)
async def test_no_address_shows_a_stranger_anything_or_is_an_internal_error(
    visit: Visit, path: str, name: str, query: str, cookie: str
) -> None:
    status = await visit.get(visit.client.session, f"{path}?{name}={query}", {})
    as_stranger = await visit.get(visit.stranger, f"{path}?{name}={query}", {"Cookie": f"breedbot={cookie[:2000]}"})

    assert status in REFUSALS | {200, 308}
    assert as_stranger in REFUSALS | {308} or path == "/page/review.js"
    assert visit.complaints.said == []


@pytest.mark.slow
@MANY
@given(VALUES)
async def test_a_claim_is_decided_only_by_a_decision(visit: Visit, value: Any) -> None:
    body = {"event_id": visit.claim, "decision": value}
    if value in ("accept", "reject", "skip"):
        return
    status = await visit.post(
        visit.client.session, "/api/decide", json.dumps(body).encode(), {"X-CSRF-Token": visit.client.csrf}
    )

    assert status == 400
    assert await visit.desk.waiting(visit.claim) is not None
