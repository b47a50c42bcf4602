"""The answer to an album fits into a message, in every language, whatever its photos say."""

from datetime import UTC, datetime

import pytest
from telegram_html import problems
from view_samples import BARE, GROUPED, LIKELY, MIXED, NO_DOG, SURE, TWO, UNSURE, Stored

from bot.conversation.answer.album import Album, album_of
from bot.conversation.answer.album_view import album, photo_of_album
from bot.conversation.answer.view import answer
from bot.telegram.message import View
from bot.texts import languages
from db.chat.chat_records import JobRecord, JobStatus, PredictionRecord
from inference.model.fusion import Fusion
from inference.queue.protocol import Failure

NOW = datetime(2026, 11, 23, tzinfo=UTC)
SAID = (SURE, TWO, MIXED, GROUPED, LIKELY, UNSURE, NO_DOG, BARE)


def job(number: int, failure: str | None = None, hint: str | None = None) -> JobRecord:
    status = JobStatus.FAILED if failure else JobStatus.PREDICTED
    return JobRecord(
        number, "a" * 64, 1, 1, number, number, status, failure, None, None, 1, NOW, NOW, None, "g", caption_hint=hint
    )


def prediction(number: int, said: Stored) -> PredictionRecord:
    features = bytes([0, 60] * 2048)
    return PredictionRecord(
        number, number, f"token-{number:06}", 1, 1, said.kind, said.top, said.not_a_dog, "m", "b", "a" * 64,
        None, NOW, features,
    )  # fmt: skip


def made(*said: Stored | Failure, hint: str | None = None) -> Album:
    jobs = [
        job(number, one.value if isinstance(one, Failure) else None, hint if number == 1 else None)
        for number, one in enumerate(said, 1)
    ]
    answered = {n: prediction(n, one) for n, one in enumerate(said, 1) if isinstance(one, Stored)}
    return album_of(jobs, answered, Fusion(83, unsure_below=0.48))


def assert_telegram_takes(view: View) -> None:
    assert problems(view.text) == []
    assert 0 < len(view.plain) <= 4096
    assert all(len(button.data.encode()) <= 64 and button.text for row in view.keyboard for button in row)
    assert all(len(row) <= 8 for row in view.keyboard)


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize(
    "of",
    [
        made(*SAID, *list(Failure)[:3]),
        made(SURE, SURE, hint="beagle"),
        made(SURE, Failure.UNREADABLE),
        made(NO_DOG, NO_DOG),
        made(*Failure),
        made(*[SURE] * 10),
    ],
    ids=["all sorts", "one dog", "one of two", "no dog", "nothing", "ten"],
)
def test_every_album_and_every_photo_of_it_can_be_shown(of: Album, language: str) -> None:
    assert_telegram_takes(album(of, language))
    for shot in of.answered:
        assert shot.answer is not None
        assert_telegram_takes(photo_of_album(of, shot, answer(shot.answer, language), language))


def test_numbers_are_those_of_the_photos_also_where_one_failed() -> None:
    view = album(made(SURE, Failure.TOO_LARGE, NO_DOG), "en")

    assert [button.text for row in view.keyboard for button in row] == ["1", "3"]
