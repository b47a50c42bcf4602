"""The HTTP API: a photo in, the JSON of `predict` out; everything else is one clear sentence."""

import asyncio
import socket
from collections.abc import AsyncIterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from aiohttp import FormData
from api_desk import LIMIT_BYTES, Answer, ApiDesk, open_desk
from openapi_check import DOCUMENT, check, keeps_its_promise
from sqlite_file import write_migrated
from stage import BEAGLE, photo

from bot.http_server import Waits
from core.breeds.catalogue import catalogue
from inference.serving.answer_json import answer_json


def form(data: bytes, name: str = "photo") -> FormData:
    made = FormData()
    made.add_field("comment", "a beagle, I think")
    made.add_field(name, BytesIO(data), filename="dog.jpg", content_type="image/jpeg")
    return made


def promised(answer: Answer, status: int) -> Any:
    """What it says; fails where it has another status, or is not what the document promises."""
    assert answer.status == status, answer.json
    keeps_its_promise("post", "/predictions", status, answer.json, wait_s=answer.wait_s)
    return answer.json


@pytest.mark.parametrize("sent", [form, bytes])
async def test_a_photo_is_answered_as_predict_does_and_forgotten(api: ApiDesk, sent: Any) -> None:
    said = promised(await api.send(sent(photo())), 200)

    assert said == answer_json([BEAGLE])
    assert api.photos._held == {}


@pytest.mark.parametrize("token", ["", "wrong", "breedbot_\udce4", "é" * 2000])
async def test_without_a_known_token_nothing_is_done(api: ApiDesk, token: str) -> None:
    said = promised(await api.send(photo(), token=token.encode("utf-8", "replace").decode("latin-1")), 401)

    assert "breedbot api token" in said["error"]


async def test_a_revoked_token_opens_nothing_any_more(api: ApiDesk) -> None:
    async with api.database.unit() as unit:
        assert await unit.api_tokens.revoke("tester")

    promised(await api.send(photo()), 401)


@pytest.mark.parametrize("as_form", [False, True])
@pytest.mark.parametrize("announced", [False, True])
async def test_too_many_bytes_are_refused_announced_or_not(api: ApiDesk, as_form: bool, announced: bool) -> None:
    data = b"x" * (LIMIT_BYTES + (300_000 if announced else 1))

    async def piecewise() -> AsyncIterator[bytes]:
        for start in range(0, len(data), 2**20):
            yield data[start : start + 2**20]

    sent: Any = form(data) if as_form else BytesIO(data) if announced else piecewise()

    assert "20 MB" in promised(await api.send(sent), 413)["error"]


@pytest.mark.parametrize(
    ("sent", "headers"),
    [
        (b"", {}),
        (b"no form at all", {"Content-Type": "multipart/form-data; boundary=x"}),
        (b"--x\r\n\r\n", {"Content-Type": "multipart/form-data; boundary=x"}),
        (b"no boundary", {"Content-Type": "multipart/form-data"}),
        (b"photo=a", {"Content-Type": "multipart/form-data; boundary="}),
        (
            b'--x\r\nContent-Disposition: form-data; name="\x02"\r\n\r\na',
            {"Content-Type": "multipart/form-data; boundary=x"},
        ),
        (photo(), {"Content-Encoding": "gzip"}),
    ],
)
async def test_a_request_without_a_photo_is_told_how_to_send_one(
    api: ApiDesk, sent: Any, headers: dict[str, str]
) -> None:
    assert "as the body, or as a file of a form" in promised(await api.send(sent, **headers), 400)["error"]


@pytest.mark.parametrize("sent", [b"not a photo", photo()[:300], b"%PDF-1.7\n", b"\x00" * 5000])
async def test_what_is_no_photo_is_named_as_such(api: ApiDesk, sent: bytes) -> None:
    assert "no photo that can be read" in promised(await api.send(sent), 422)["error"]


async def test_a_body_that_does_not_come_is_given_up(tmp_path: Path) -> None:
    write_migrated(tmp_path / "bot.db")
    async with open_desk(tmp_path, waits=Waits(photo_s=0.2)) as api:

        async def slow() -> AsyncIterator[bytes]:
            yield b"\xff\xd8"
            await asyncio.sleep(30)
            yield b"\xff"

        promised(await api.send(slow()), 408)


async def test_a_photo_that_no_worker_looks_at_is_given_back_in_time(tmp_path: Path) -> None:
    write_migrated(tmp_path / "bot.db")
    async with open_desk(tmp_path, result_s=0.2) as api:
        api.may_work.clear()

        promised(await api.send(photo()), 503)

        assert api.photos._held == {}


async def test_a_thousand_at_once_over_two_hundred_connections_are_answered_or_told_when_to_come_back(
    tmp_path: Path,
) -> None:
    write_migrated(tmp_path / "bot.db")
    async with open_desk(tmp_path, at_once=8) as api:
        sent = photo(width=1280, height=960)
        answers = await asyncio.gather(*(api.send(sent) for _ in range(1000)))

    for one in answers:
        promised(one, 429 if one.status == 429 else 200)
    assert sum(one.status == 200 for one in answers) >= 8
    assert {one.wait_s for one in answers if one.status == 429} <= {3}


async def test_a_token_may_send_so_many_a_minute(tmp_path: Path) -> None:
    write_migrated(tmp_path / "bot.db")
    async with open_desk(tmp_path, per_minute=3) as api:
        answers = [await api.send(photo(shade)) for shade in range(5)]

    assert [one.status for one in answers] == [200, 200, 200, 429, 429]
    assert 50 < (answers[-1].wait_s or 0) <= 60
    assert "3 photos a minute" in promised(answers[-1], 429)["error"]


async def test_the_bytes_of_all_photos_together_are_bounded(api: ApiDesk) -> None:
    api.may_work.clear()
    large = b"x" * (19 * 2**20)
    loop = asyncio.get_running_loop()
    waiting = [loop.create_task(api.send(BytesIO(large))) for _ in range(6)]
    done, _ = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    first = done.pop().result()
    api.may_work.set()

    assert first.status == 429
    assert {one.status for one in await asyncio.gather(*waiting)} == {422, 429}


async def test_breeds_are_told_with_whether_the_model_knows_them(api: ApiDesk) -> None:
    answer = await api.get("/v1/breeds")

    keeps_its_promise("get", "/breeds", 200, answer.json)
    assert [one["breed"] for one in answer.json if one["answered"]] == ["beagle"]
    assert len(answer.json) == len(catalogue())
    keeps_its_promise("get", "/breeds", 401, (await api.get("/v1/breeds", token="")).json)


async def test_the_document_is_there_for_everybody_and_other_paths_are_not(api: ApiDesk) -> None:
    document, nothing, wrong = [await api.get(path, token="x") for path in ("/v1/openapi.json", "", "/v1/predictions")]

    assert document.json == DOCUMENT
    assert (nothing.status, wrong.status) == (404, 405)
    for one in (nothing, wrong):
        check(one.json, {"$ref": "Error"})


async def test_requests_are_counted_by_status(api: ApiDesk) -> None:
    await api.send(photo())
    await api.send(b"nothing")
    await api.send(photo(), token="")

    page = api.metrics.page().decode()

    assert [f'breedbot_api_requests_total{{status="{status}"}} 1.0' in page for status in (200, 401, 422)] == [True] * 3
    assert "breedbot_queue_seconds_count 2.0" in page


async def test_who_hangs_up_in_the_middle_of_a_photo_leaves_no_error_behind(
    api: ApiDesk, caplog: pytest.LogCaptureFixture
) -> None:
    host, port = "127.0.0.1", int(api.url.split(":")[2].split("/")[0])
    head = f"POST /api/v1/predictions HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {api.token}\r\n"
    _, half = await asyncio.open_connection(host, port)
    half.write(f"{head}Content-Length: 9000\r\n\r\n".encode() + photo()[:1000])
    await half.drain()
    while "breedbot_api_photos 1.0" not in api.metrics.page().decode():  # noqa: ASYNC110 - nobody tells a number
        await asyncio.sleep(0.01)
    half.transport.abort()
    while "breedbot_api_photos 0.0" not in api.metrics.page().decode():  # noqa: ASYNC110 - nobody tells a number
        await asyncio.sleep(0.01)

    promised(await api.send(photo()), 200)
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []


async def test_bytes_that_are_no_http_end_nothing(api: ApiDesk) -> None:
    port = int(api.url.split(":")[2].split("/")[0])
    with socket.create_connection(("127.0.0.1", port)) as strange:
        strange.sendall(b"POST /api/v1/predictions HTTP/9\r\n\x00\x00\r\n\r\n")
        await asyncio.sleep(0)

    promised(await api.send(photo()), 200)
