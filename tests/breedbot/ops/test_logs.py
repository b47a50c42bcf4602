"""One line an event, one word for all lines about a photo, and nothing in them that people wrote."""

import asyncio
import io
import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from stage import BEAGLE, Stage, photo

from bot.pipeline.crash_guard import stored_crash_guard
from breedbot.ops.logs import JsonLines, SecretMask, TextLines, start_logging
from core.prediction import Prediction
from core.trace import traced
from inference.photo.preprocess import Preprocessing
from inference.worker.settings import WorkerSettings
from inference.worker.worker import Worker
from sandbox import ALICE

SECRET = "123:very-secret"
OURS = ("bot", "db", "inference")


class Beagles:
    """Sees a Beagle everywhere."""

    preprocessing = Preprocessing(input_px=8, resize_px=8)
    batch_sizes = (1, 2, 4)
    second = None

    def cells(self, photo: NDArray[np.uint8]) -> NDArray[np.float32]:
        raise NotImplementedError

    def predict(self, batch: NDArray[np.uint8]) -> list[Prediction]:
        return [replace(BEAGLE) for _ in batch]


@contextmanager
def captured(level: int = logging.INFO, *names: str) -> Iterator[io.StringIO]:
    """JSON lines of these loggers."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines(SecretMask([SECRET])))
    before = {name: logging.getLogger(name).level for name in names}
    for name in names:
        logging.getLogger(name).addHandler(handler)
        logging.getLogger(name).setLevel(level)
    try:
        yield stream
    finally:
        for name, old in before.items():
            logging.getLogger(name).removeHandler(handler)
            logging.getLogger(name).setLevel(old)


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def record(message: str = "photo downloaded", *args: object, **extra: object) -> logging.LogRecord:
    made = logging.getLogger("test").makeRecord("test", logging.INFO, "file", 1, message, args, None)
    vars(made).update(extra)
    return made


def test_a_json_line_has_the_event_its_values_and_the_photo_it_is_about() -> None:
    with traced("u7"):
        line = JsonLines(SecretMask([])).format(record("two\nlines %d", 2, bytes=9, path=object))

    told = json.loads(line)
    assert "\n" not in line
    assert told["event"] == "two\nlines 2"
    assert (told["level"], told["logger"], told["trace"], told["bytes"]) == ("info", "test", "u7", 9)
    assert told["time"].endswith("+00:00")


def test_what_is_about_no_photo_has_no_trace() -> None:
    assert "trace" not in json.loads(JsonLines(SecretMask([])).format(record()))


def test_a_text_line_is_one_line_that_people_can_read() -> None:
    with traced("u7"):
        line = TextLines(SecretMask([]), colours=False).format(record("photo\ndownloaded", bytes=9))

    assert line[13:] == "info    photo ⏎ downloaded  bytes=9  u7  test"
    assert "\x1b[" in TextLines(SecretMask([]), colours=True).format(record())


@pytest.mark.parametrize("lines_", [JsonLines(SecretMask([SECRET])), TextLines(SecretMask([SECRET]), colours=False)])
def test_secrets_are_masked_in_values_and_tracebacks_too(lines_: logging.Formatter) -> None:
    trouble = record("failed", url=f"https://host/bot{SECRET}/getMe")
    trouble.exc_info = (KeyError, KeyError(SECRET), None)
    shown = lines_.format(trouble)

    assert SECRET not in shown
    assert "KeyError" in shown
    assert shown.count("***") >= 2


@pytest.mark.parametrize(
    ("wanted", "service", "terminal", "chosen"),
    [
        (None, True, True, "text"),
        (None, True, False, "json"),
        (None, False, False, "text"),
        ("text", True, False, "text"),
        ("json", False, True, "json"),
    ],
)
def test_people_get_text_and_collectors_get_json(
    monkeypatch: pytest.MonkeyPatch, wanted: Any, service: bool, terminal: bool, chosen: str
) -> None:
    factory = logging.getLogRecordFactory()
    monkeypatch.setattr("sys.stderr", io.StringIO())
    monkeypatch.setattr("sys.stderr.isatty", lambda: terminal)
    try:
        assert start_logging(wanted, SecretMask([]), service=service) == chosen
    finally:
        logging.setLogRecordFactory(factory)


@pytest.mark.slow
async def test_one_word_follows_a_photo_from_its_arrival_to_its_answer_and_past_a_restart(stage: Stage) -> None:
    with captured(logging.INFO, *OURS) as stream:
        async with stage.bot(work=False) as app:
            sent = await stage.chat.send_photo(ALICE, photo())
            await stage.until(lambda: app.photos_waiting)
        async with stage.bot(work=False) as app:
            beagles = Beagles()
            worker = Worker(
                stage.queue,
                lambda: beagles,
                app.parts.photo_store.get,
                app.parts.results.report,
                WorkerSettings(decode_threads=1),
                guard=await stored_crash_guard(stage.database),
            )
            working = asyncio.ensure_future(worker.run())
            await stage.chat.wait_for_reply(sent)
            await stage.settled()
            working.cancel()
            await asyncio.wait([working])

    told = lines(stream)
    traces = {one["trace"] for one in told if one["event"].startswith("photo ")}
    assert len(traces) == 1
    events = [one["event"] for one in told if one.get("trace") in traces]
    way = ["update taken", "photo downloaded", "photo queued", "photo taken", "photo looked at", "photo answered"]
    assert [event for event in events if event in way] == way


@pytest.mark.slow
async def test_no_line_holds_what_people_wrote_nor_names_of_people_files_or_tokens(stage: Stage) -> None:
    words = ("Xylophon-caption", "Xylophon-file", "Xylophon-text", "Xylophon-person", "Xylophon-search")
    person = stage.chat.add_person(words[3])
    with captured(logging.DEBUG, *OURS) as stream, captured(logging.WARNING, "") as others:
        for kind in ("server_error", "drop_before", "too_many_requests"):
            stage.chat.faults.add(kind, times=3, probability=0.5)
        async with stage.bot():
            await stage.chat.send_photo(person, photo(), caption=words[0])
            await stage.chat.send_file(person, b"%PDF-1.7 ", name=f"{words[1]}.pdf")
            await stage.chat.send_document(person, b"no image", name=f"{words[1]}.jpg", caption=words[0])
            await stage.chat.send_text(person, words[2])
            answer = await stage.chat.wait_for(lambda one: one.has_button("❌"), chat=person)
            await stage.chat.press(answer, "❌")
            menu = await stage.chat.wait_for(lambda one: one.has_button("🔎"), chat=person)
            await stage.chat.press(menu, "🔎")
            await stage.until(lambda: stage.chat.faults.calls["editMessageText"] >= 2)
            await stage.chat.send_text(person, words[4])
            stage.deliver_raw({"message": {"text": words[2], "date": words[2], "chat": {"id": person.id}}})
            await stage.settled()

    assert len(lines(stream)) > 10
    for text in (stream.getvalue(), others.getvalue()):
        assert "Xylophon" not in text
        assert stage.chat.token not in text
    assert not {"file_id", "file_name"} & {name for one in lines(stream) for name in one}


@pytest.mark.parametrize("formatter", [JsonLines(SecretMask([])), TextLines(SecretMask([]), colours=False)])
def test_a_line_is_short_whatever_is_logged(formatter: logging.Formatter) -> None:
    body = "x" * 30_000_000
    record = logging.LogRecord("bot", logging.ERROR, "", 0, "a reply: %s", (body,), None)
    record.__dict__["said"], record.exc_text = body, body

    assert len(formatter.format(record)) < 30_000
