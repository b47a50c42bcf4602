"""`breedbot run` and `chat` as processes: ready, in use, in the way, and stopped."""

import asyncio
import json
import signal
import socket
import subprocess
from contextlib import ExitStack
from pathlib import Path
from time import monotonic
from urllib.request import Request, urlopen

import pytest
from cli_types import PATIENCE_S, Start
from ports import free_port

from sandbox import LocalChat

pytestmark = pytest.mark.slow


def line_with(process: "subprocess.Popen[str]", word: str) -> str:
    """The first line on stderr that holds this word; fails with all lines when the process ends before."""
    assert process.stderr is not None
    seen = []
    for line in process.stderr:
        if word in line:
            return line
        seen.append(line)
    raise AssertionError(f"{word!r} was never said: {seen}")


def page_of(line: str) -> str:
    return next(word for word in line.split() if word.startswith("http://"))


def test_run_serves_a_chat_refuses_a_second_one_and_stops_in_good_order(start: Start, home: Path) -> None:
    bot = start("run")
    url = page_of(line_with(bot, "ready"))

    with urlopen(url) as page:
        assert page.status == 200
    second = start("run")
    _, refusal = second.communicate(timeout=PATIENCE_S)
    bot.send_signal(signal.SIGINT)
    _, rest = bot.communicate(timeout=PATIENCE_S)

    assert second.returncode == 1
    assert str(bot.pid) in refusal
    assert len(refusal.splitlines()) == 1
    assert bot.returncode == 0
    assert "stopping" in rest
    assert "Traceback" not in rest
    assert (home / "data" / "breedbot.sqlite3").exists()


def test_who_is_made_a_moderator_on_the_page_is_one_for_the_bot_at_once(start: Start) -> None:
    url = page_of(line_with(start("run"), "ready"))

    def post(path: str, data: bytes, kind: str) -> None:
        urlopen(Request(url + path, data, {"Content-Type": kind})).close()

    with urlopen(f"{url}/api/events?user=alice", timeout=PATIENCE_S) as events:
        said = (
            event["message"]["text"]
            for event in (json.loads(line[6:]) for line in events if line.startswith(b"data: "))
            if event["type"] == "message" and event["message"]["from"]["is_bot"]
        )
        post("/api/messages", b"user=alice&text=/models", "application/x-www-form-urlencoded")
        before = next(said)
        post("/api/moderators", b'{"user": "alice", "wanted": true}', "application/json")
        post("/api/messages", b"user=alice&text=/models", "application/x-www-form-urlencoded")
        after = next(said)

    assert "/help" in before  # no such command
    assert "dogs132" in after


def test_idle_connections_do_not_hold_a_stop_up(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    port = free_port()
    monkeypatch.setenv("BREEDBOT_HTTP_PORT", str(port))
    bot = start("run")
    line_with(bot, "ready")
    with ExitStack() as stack:
        for _ in range(300):
            half = stack.enter_context(socket.create_connection(("127.0.0.1", port)))
            half.sendall(b"POST /webhook HTTP/1.1\r\nContent-Length: 9\r\n")
        with urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5) as page:
            assert page.status == 200
        bot.terminate()
        began = monotonic()
        bot.communicate(timeout=PATIENCE_S)

        assert bot.returncode == 0
        assert monotonic() - began < 30


def test_sigterm_stops_it_too_and_it_starts_again(start: Start) -> None:
    for _ in range(2):
        bot = start("run")
        line_with(bot, "ready")
        bot.terminate()
        bot.communicate(timeout=PATIENCE_S)

        assert bot.returncode == 0


@pytest.mark.parametrize("key", ["BREEDBOT_HTTP_PORT", "BREEDBOT_CHAT_PORT"])
def test_a_taken_port_is_named(start: Start, monkeypatch: pytest.MonkeyPatch, key: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        monkeypatch.setenv(key, str(port))
        process = start("run")
        _, err = process.communicate(timeout=PATIENCE_S)

    assert process.returncode == 1
    assert f"{key}={port}:" in err
    assert len(err.splitlines()) == 1


@pytest.mark.parametrize("text", ["{", "[" * 100_000])
def test_beside_a_damaged_pointer_the_shipped_model_answers(start: Start, home: Path, text: str) -> None:
    (home / "data" / "models").mkdir(parents=True)
    (home / "data" / "models" / "champion.json").write_text(text)
    bot = start("run")

    assert "not a champion pointer" in line_with(bot, "champion.json")
    assert "dogs" in line_with(bot, "ready")
    bot.terminate()
    bot.communicate(timeout=PATIENCE_S)
    assert bot.returncode == 0


def test_a_data_folder_that_is_none_is_named(start: Start, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / "file").touch()
    monkeypatch.setenv("BREEDBOT_DATA_DIR", str(home / "file" / "below"))
    nowhere = start("run")
    _, no_folder = nowhere.communicate(timeout=PATIENCE_S)

    assert nowhere.returncode == 1
    assert "BREEDBOT_DATA_DIR" in no_folder
    assert len(no_folder.splitlines()) == 1


def test_chat_alone_prints_what_a_bot_needs_and_the_bot_answers_there(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    chat = start("chat")
    assert chat.stdout is not None
    settings = dict(chat.stdout.readline().strip().split("=", 1) for _ in range(2))
    for key, value in settings.items():
        monkeypatch.setenv(key, value)
    bot = start("run")

    assert "It answers on Telegram" in line_with(bot, "ready")
    bot.send_signal(signal.SIGINT)
    bot.communicate(timeout=PATIENCE_S)
    chat.send_signal(signal.SIGINT)
    chat.communicate(timeout=PATIENCE_S)
    assert (bot.returncode, chat.returncode) == (0, 0)


def test_a_wrong_token_is_refused_in_one_line_that_masks_it(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    chat = start("chat")
    assert chat.stdout is not None
    monkeypatch.setenv("BREEDBOT_TELEGRAM_API", chat.stdout.readline().strip().partition("=")[2])
    monkeypatch.setenv("BREEDBOT_TELEGRAM_TOKEN", "123456789:AAEabcdefghijklmnopqrstuvwxyz0123456")

    bot = start("run")
    _, err = bot.communicate(timeout=PATIENCE_S)

    assert bot.returncode == 1
    assert "BREEDBOT_TELEGRAM_TOKEN=***" in err
    assert "AAEabc" not in err


@pytest.mark.photos
async def test_a_photo_sent_to_the_bot_comes_back_with_its_breed(
    start: Start, home: Path, originals: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with LocalChat.running(home / "telegram") as telegram:
        monkeypatch.setenv("BREEDBOT_TELEGRAM_API", telegram.url)
        monkeypatch.setenv("BREEDBOT_TELEGRAM_TOKEN", telegram.token)
        bot = start("run")
        await asyncio.to_thread(line_with, bot, "ready")

        sent = await telegram.send_photo("Alice", (originals / "beagle_0.jpg").read_bytes())
        answer = await telegram.wait_for_reply(sent, lambda message: "Beagle" in message.text, 30)
        bot.send_signal(signal.SIGINT)
        await asyncio.to_thread(bot.communicate, timeout=60)

        assert "✅" in str(answer.buttons)
        assert bot.returncode == 0
