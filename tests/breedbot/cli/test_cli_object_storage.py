"""`breedbot run` with photos and models in a bucket: on a real S3 server."""

import asyncio
import json
import signal
import subprocess
from pathlib import Path

import pytest
from cli_types import Cli, Start
from s3_server import S3Server

from core.object_storage import open_objects
from inference.store.bucket_store import ModelObjects
from sandbox import LocalChat


@pytest.fixture
def place(s3: S3Server, home: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    place = s3.new_place()
    monkeypatch.setenv("BREEDBOT_PHOTO_STORE", f"{place}/photos")
    monkeypatch.setenv("BREEDBOT_MODEL_STORE", f"{place}/models")
    return place


def keys(url: str) -> list[str]:
    return [meta["path"] for page in open_objects(url, 20).list() for meta in page]


def wait_until_ready(process: "subprocess.Popen[str]") -> None:
    assert process.stderr is not None
    lines = []
    for line in process.stderr:
        lines.append(line)
        if "ready" in line:
            return
    raise AssertionError(f"it was never ready: {lines}")


async def test_a_photo_goes_through_the_bucket_to_its_answer(
    start: Start, home: Path, place: str, photo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with LocalChat.running(home / "telegram") as telegram:
        monkeypatch.setenv("BREEDBOT_TELEGRAM_API", telegram.url)
        monkeypatch.setenv("BREEDBOT_TELEGRAM_TOKEN", telegram.token)
        bot = start("run")
        await asyncio.to_thread(wait_until_ready, bot)

        sent = await telegram.send_photo("Alice", await asyncio.to_thread(photo.read_bytes))
        answer = await telegram.wait_for_reply(sent, lambda message: "✅" in str(message.buttons), 60)
        bot.send_signal(signal.SIGINT)
        await asyncio.to_thread(bot.communicate, timeout=60)

        assert answer.text
        assert bot.returncode == 0
        assert len(keys(f"{place}/photos")) == 1
        assert not (home / "data" / "photos").exists()


def test_the_doctor_tries_the_bucket_and_leaves_nothing_there(cli: Cli, place: str) -> None:
    found = {one["check"]: one for one in json.loads(cli("doctor", "--json").stdout)}

    assert found["photo store"]["level"] == found["model store"]["level"] == "ok"
    assert "cannot overwrite each other" in found["model store"]["detail"]
    assert keys(place) == []


def test_wrong_keys_are_one_line_that_says_where(cli: Cli, place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "hunter2-hunter2")
    found = {one["check"]: one for one in json.loads(cli("doctor", "--json").stdout)}

    assert found["photo store"]["level"] == found["model store"]["level"] == "fail"
    assert "hunter2" not in str(found)
    assert "AWS_" in found["photo store"]["remedy"]


def test_a_model_is_promoted_in_the_bucket_from_any_machine(cli: Cli, place: str, home: Path) -> None:
    models = json.loads(cli("models", "list", "--json").stdout)
    promoted = cli("models", "promote", models[0]["model"])

    assert promoted.exit_code == 0, promoted.stderr
    assert ModelObjects(f"{place}/models", home / "elsewhere").pointer().model == models[0]["model"]
