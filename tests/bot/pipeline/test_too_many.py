"""Where more photos come than can be looked at, people are told so, once, and what is taken is answered soon."""

from datetime import UTC, datetime, timedelta
from typing import cast

import pytest
from stage import TIMING, Stage, photo

from bot.pipeline.jobs import FEW, FIRST_GUESS_S, Submitter, Throughput
from bot.texts import say_plain
from db.database import Database
from inference.queue.local import LocalQueue
from sandbox import ALICE, BRUNO


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def submitter_with(photos: int, *, wait_s: float) -> Submitter:
    submitter = Submitter(LocalQueue(), cast("Database", None), TIMING, 1000, timedelta(seconds=wait_s))
    submitter._not_submitted = photos
    return submitter


def test_the_tempo_is_that_of_the_worker_although_results_come_by_the_batch() -> None:
    clock = Clock()
    throughput = Throughput(clock)
    for _ in range(20):
        clock.now += 2.0
        for _ in range(8):
            throughput.beat(busy=True)

    assert throughput.wait_s(100) == pytest.approx(100 * 2.0 / 8, rel=0.15)


def test_time_without_work_says_nothing_about_the_tempo() -> None:
    clock = Clock()
    throughput = Throughput(clock)
    for _ in range(50):
        clock.now += 600.0
        throughput.beat(busy=False)

    assert throughput.wait_s(1) == FIRST_GUESS_S


@pytest.mark.parametrize(("photos", "full"), [(99, False), (101, True)])
def test_photos_are_turned_away_when_they_would_wait_for_too_long(photos: int, full: bool) -> None:
    submitter = submitter_with(photos, wait_s=100 * FIRST_GUESS_S)

    assert submitter.full(datetime.now(UTC)) is full


def test_photos_that_are_being_fetched_are_ahead_of_new_ones() -> None:
    submitter = submitter_with(100, wait_s=100 * FIRST_GUESS_S)

    assert submitter.full(datetime.now(UTC), coming=1)
    assert not submitter.full(datetime.now(UTC))


def test_what_was_sent_while_the_bot_was_away_is_taken_however_long_it_takes() -> None:
    submitter = submitter_with(500, wait_s=1.0)

    assert not submitter.full(datetime.now(UTC) - timedelta(minutes=5))


def test_a_few_photos_are_never_too_many() -> None:
    submitter = submitter_with(FEW - 1, wait_s=0.0)

    assert not submitter.full(datetime.now(UTC))


@pytest.mark.slow
async def test_the_word_about_too_many_photos_is_said_once_a_minute_to_each_chat(stage: Stage) -> None:
    stage.set(photos_limit=2)

    async with stage.bot(work=False):
        for shade in range(2):
            await stage.chat.send_photo(ALICE, photo(shade))
        await stage.until(lambda: stage.app.photos_waiting == 2)
        first, *_ = [await stage.chat.send_photo(BRUNO, photo(shade)) for shade in range(5)]
        word = await stage.chat.wait_for_reply(first)
        await stage.dealt_with()
        said = [one for one in stage.chat.messages(BRUNO) if one.from_bot]

    assert word.text == say_plain("fr", "refusal-try-later", count=1)
    assert len(said) == 1
