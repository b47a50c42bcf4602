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


def prediction(number: int, said: Stored, dog: int = 0) -> PredictionRecord:
    features = bytes([0, 60] * 2048)
    return PredictionRecord(
        10 * number + dog, number, f"token-{number:03}-{dog:02}", 1, 1, said.kind, said.top, said.not_a_dog, "m", "b",
        "a" * 64, None, NOW, features, dog, (0.1, 0.2, 0.3, 0.4),
    )  # fmt: skip


Said = Stored | Failure | tuple[Stored, ...]


def made(*said: Said, hint: str | None = None) -> Album:
    """An album; several answers in a tuple: the dogs of one photo."""
    jobs = [
        job(number, one.value if isinstance(one, Failure) else None, hint if number == 1 else None)
        for number, one in enumerate(said, 1)
    ]
    answered: dict[int, list[PredictionRecord]] = {}
    for number, one in enumerate(said, 1):
        if not isinstance(one, Failure):
            dogs = one if isinstance(one, tuple) else (one,)
            answered[number] = [prediction(number, each, dog) for dog, each in enumerate(dogs)]
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
        made((SURE, TWO, UNSURE)),
        made(SURE, (SURE, SURE), NO_DOG, hint="beagle"),
        made(*[(TWO,) * 8] * 10),
    ],
    ids=["all sorts", "one dog", "one of two", "no dog", "nothing", "ten", "one photo", "two in one", "eighty"],
)
def test_every_album_and_every_photo_of_it_can_be_shown(of: Album, language: str) -> None:
    assert_telegram_takes(album(of, language))
    for shot in of.answered:
        assert shot.answer is not None
        assert_telegram_takes(photo_of_album(of, shot, answer(shot.answer, language), language))


def test_numbers_are_those_of_the_photos_also_where_one_failed() -> None:
    view = album(made(SURE, Failure.TOO_LARGE, NO_DOG), "en")

    assert [button.text for row in view.keyboard for button in row] == ["1", "3"]


def test_the_dogs_of_a_photo_are_numbered_and_never_taken_for_one() -> None:
    of = made((SURE, SURE, TWO))

    view = album(of, "en")
    assert view.plain.startswith("🐶 I see 3 dogs here:\n\n1 · 🐶 Afghan Hound — 97%\n2 · 🐶 Afghan Hound — 97%\n3 · ")
    assert [button.text for button in view.keyboard[0]] == ["1", "2", "3"]
    assert [button.text for row in view.keyboard[1:] for button in row] == ["🖼 Which is which?"]


def test_a_dog_of_several_says_which_one_it_is() -> None:
    of = made((SURE, TWO))
    second = of.shots[1]
    assert second.answer is not None

    view = photo_of_album(of, second, answer(second.answer, "en"), "en")

    assert view.plain.startswith("🐶 Dog 2 of 2\n\n")
    assert [button.text for button in view.keyboard[-1]] == ["⬅ All dogs", "🖼 Which is which?"]
    assert all(second.answer.token in button.data for row in view.keyboard for button in row)


def test_in_an_album_dogs_of_one_photo_have_letters_and_join_nobody() -> None:
    of = made(SURE, (SURE, SURE), SURE)

    assert [of.label(shot) for shot in of.shots] == ["1", "2a", "2b", "3"]
    assert [shot.dog for shot in of.shots] == [0, None, None, 0]
    assert album(of, "en").plain.splitlines()[:3] == [
        "1, 3 · 🐶 Afghan Hound — 96%, one dog, I think",
        "2a · 🐶 Afghan Hound — 97%",
        "2b · 🐶 Afghan Hound — 97%",
    ]


def test_as_many_dogs_as_are_ever_answered_are_a_pack() -> None:
    assert album(made((SURE,) * 8), "en").plain.startswith("🐶 What a pack! Here are the 8 that I see best:")
