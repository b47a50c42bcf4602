"""`/readyz` of processes that lack something: never 200, and what is missing is named."""

import json
import time
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from cli_types import PATIENCE_S, Start
from nats_servers import NatsServer
from ports import free_port
from s3_server import S3Server

LOOKS = 20  # after the last change that is waited for


@pytest.fixture
def port(monkeypatch: pytest.MonkeyPatch) -> int:
    port = free_port()
    monkeypatch.setenv("BREEDBOT_HTTP_PORT", str(port))
    return port


def readiness(port: int) -> tuple[int, dict[str, str]]:
    """Status and problems, as soon as it listens."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        try:
            with urlopen(f"http://127.0.0.1:{port}/readyz", timeout=30) as page:
                return page.status, json.load(page)["problems"]
        except HTTPError as refused:
            said = json.load(refused)
            assert said["state"] == "starting"
            return refused.code, said["problems"]
        except OSError:
            time.sleep(0.1)
    raise AssertionError("it never listened")


def wait_until_missing(port: int, missing: set[str]) -> None:
    """Until no more than this is missing; never is it 200."""
    deadline = time.monotonic() + PATIENCE_S
    seen: dict[str, str] = {}
    while time.monotonic() < deadline:
        status, seen = readiness(port)
        assert status == 503, seen
        if set(seen) == missing:
            return
        time.sleep(0.1)
    raise AssertionError(f"missing: {seen}")


@pytest.mark.slow
def test_a_worker_without_nats_is_never_ready(start: Start, port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BREEDBOT_QUEUE_URL", f"nats://127.0.0.1:{free_port()}")
    start("worker")

    wait_until_missing(port, {"queue"})
    assert all(readiness(port)[0] == 503 for _ in range(LOOKS))


@pytest.mark.slow
def test_a_worker_with_a_wrong_key_to_the_photos_is_never_ready(
    start: Start, port: int, s3: S3Server, nats_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BREEDBOT_QUEUE_URL", nats_url)
    monkeypatch.setenv("BREEDBOT_PHOTO_STORE", f"{s3.new_place()}/photos")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "hunter2-hunter2")
    start("worker")

    wait_until_missing(port, {"store"})
    assert all(readiness(port)[0] == 503 for _ in range(LOOKS))


def test_a_worker_without_a_classifier_ends_with_one_line(
    start: Start, home: Path, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BREEDBOT_QUEUE_URL", f"nats://127.0.0.1:{free_port()}")
    monkeypatch.setenv("BREEDBOT_ENGINE", "keras")
    monkeypatch.setenv("KERAS_BACKEND", "abacus")
    worker = start("worker")
    _, said = worker.communicate(timeout=PATIENCE_S)

    assert worker.returncode == 1
    assert "Traceback" not in said
    assert "abacus" in said


@pytest.mark.slow
def test_a_bot_is_starting_until_all_is_there(
    start: Start, shared_nats: NatsServer, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BREEDBOT_TELEGRAM_TOKEN", "123456789:AAEabcdefghijklmnopqrstuvwxyz0123456")
    monkeypatch.setenv("BREEDBOT_TELEGRAM_API", f"http://127.0.0.1:{free_port()}")
    monkeypatch.setenv("BREEDBOT_QUEUE_URL", shared_nats.url)
    start("bot")

    wait_until_missing(port, {"telegram"})
    assert all(readiness(port)[0] == 503 for _ in range(LOOKS))
