"""The line never loses a job and never has one twice, whoever is cancelled when."""

import asyncio
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.prediction import BreedScore, Kind, Prediction
from inference.model.shadow_score import ShadowAnswer
from inference.queue.local import LocalQueue, open_queue
from inference.queue.protocol import Failure, Job, JobQueue, JobResult, QueueFull, UnknownQueueUrl


def job(number: int, submitted_at: float = 0.0) -> Job:
    return Job(id=number, photo_sha256=f"{number:064x}", submitted_at=submitted_at)


async def settle() -> None:
    """Let every task run until it waits for something."""
    for _ in range(5):
        await asyncio.sleep(0)


async def test_a_local_url_opens_a_local_queue() -> None:
    queue: JobQueue = open_queue("local:")

    assert isinstance(queue, LocalQueue)


@pytest.mark.parametrize("url", ["redis://localhost", "local", "local:elsewhere", ""])
def test_other_urls_are_refused(url: str) -> None:
    with pytest.raises(UnknownQueueUrl) as refusal:
        open_queue(url)

    assert "use local:" in str(refusal.value)


def test_a_result_is_either_predictions_or_a_failure() -> None:
    dog = Prediction(Kind.BREED, (BreedScore("pug", 0.9),), 0.0, "m", "b", np.zeros(1, np.float16))
    wrongs: tuple[dict[str, Any], ...] = (
        {},
        {"predictions": (dog,) * 9},
        {"predictions": (dog,), "failure": Failure.TOO_OLD},
        {"predictions": (dog,), "shadows": (ShadowAnswer("m", "pug", 0.9),) * 2},
    )
    for wrong in wrongs:
        with pytest.raises(ValueError, match="job 7"):
            JobResult(job(7), **wrong)

    assert JobResult(job(7), failure=Failure.TOO_OLD).predictions == ()


async def test_jobs_come_out_in_the_order_in_which_they_came_in() -> None:
    queue = LocalQueue()
    for number in range(5):
        await queue.submit(job(number))

    taken = [*await queue.take(2, 0), *await queue.take(10, 0)]

    assert [each.id for each in taken] == [0, 1, 2, 3, 4]


async def test_a_waiting_taker_wakes_at_the_first_job() -> None:
    queue = LocalQueue()
    taking = asyncio.ensure_future(queue.take(8, 0))
    await settle()

    await queue.submit(job(1))
    await settle()

    assert taking.done()
    assert taking.result() == [job(1)]


async def test_a_lingering_taker_leaves_as_soon_as_its_batch_is_full() -> None:
    queue = LocalQueue()
    taking = asyncio.ensure_future(queue.take(3, 3600))
    for number in range(3):
        await settle()
        assert not taking.done()
        await queue.submit(job(number))

    assert [each.id for each in await taking] == [0, 1, 2]


async def test_a_lingering_taker_contents_itself_with_less() -> None:
    queue = LocalQueue()
    await queue.submit(job(1))

    taken = await queue.take(3, 0.001)

    assert taken == [job(1)]


async def test_takers_are_served_in_their_order() -> None:
    queue = LocalQueue()
    first, second = (asyncio.ensure_future(queue.take(1, 0)) for _ in range(2))
    await settle()

    await queue.submit(job(1))
    await settle()

    assert first.done()
    assert not second.done()
    await queue.submit(job(2))
    assert await second == [job(2)]


async def test_a_full_line_refuses_and_changes_nothing() -> None:
    queue = LocalQueue(limit_jobs=2)
    await queue.submit(job(1))
    await queue.submit(job(2))

    with pytest.raises(QueueFull, match="job 3"):
        await queue.submit(job(3))

    assert queue.waiting() == 2
    await queue.submit(job(2))  # there already, so nothing to refuse
    await queue.take(1, 0)
    await queue.submit(job(3))
    assert queue.position(3) == 2


async def test_a_job_is_in_line_once_until_it_is_done() -> None:
    queue = LocalQueue()
    await queue.submit(job(1))
    await queue.submit(job(1))
    (taken,) = await queue.take(8, 0)
    await queue.submit(job(1))
    assert queue.waiting() == 0

    await queue.done(taken)
    await queue.submit(job(1))

    assert queue.waiting() == 1


async def test_positions_count_from_one_and_end_when_taken() -> None:
    queue = LocalQueue()
    for number in (10, 20, 30):
        await queue.submit(job(number))

    assert [queue.position(number) for number in (10, 20, 30, 40)] == [1, 2, 3, None]
    await queue.take(1, 0)
    assert [queue.position(number) for number in (10, 20, 30, 40)] == [None, 1, 2, None]


async def test_age_is_that_of_the_oldest_wherever_it_stands() -> None:
    queue = LocalQueue(clock=lambda: 100.0)
    assert queue.oldest_age_s() == 0
    await queue.submit(job(1, submitted_at=90.0))
    await queue.submit(job(2, submitted_at=40.0))

    assert queue.oldest_age_s() == 60
    await queue.take(8, 0)
    assert queue.oldest_age_s() == 0


async def test_jobs_put_back_are_ahead_of_the_others_and_in_order() -> None:
    queue = LocalQueue(limit_jobs=3)
    for number in range(3):
        await queue.submit(job(number))
    taken = await queue.take(2, 0)
    await queue.submit(job(3))
    await queue.submit(job(4))

    await queue.put_back(taken)
    await queue.put_back(taken)

    assert [each.id for each in await queue.take(9, 0)] == [0, 1, 2, 3, 4]


async def test_a_job_put_back_wakes_a_taker() -> None:
    queue = LocalQueue()
    await queue.submit(job(1))
    taken = await queue.take(1, 0)
    taking = asyncio.ensure_future(queue.take(1, 0))
    await settle()

    await queue.put_back(taken)

    assert await taking == [job(1)]


@pytest.mark.parametrize("max_wait_s", [0, 3600])
@pytest.mark.parametrize("steps", range(4))
async def test_a_taker_cancelled_at_any_step_leaves_the_jobs_to_the_next(max_wait_s: float, steps: int) -> None:
    queue = LocalQueue()
    taking = asyncio.ensure_future(queue.take(2, max_wait_s))
    for _ in range(steps):
        await asyncio.sleep(0)
    await queue.submit(job(1))
    taking.cancel()
    await asyncio.wait([taking])

    assert taking.cancelled()
    assert await queue.take(2, 0) == [job(1)]


def test_bounds_that_make_no_sense_are_refused() -> None:
    with pytest.raises(ValueError, match="limit_jobs"):
        LocalQueue(limit_jobs=0)


async def test_taking_no_jobs_is_refused() -> None:
    with pytest.raises(ValueError, match="limit"):
        await LocalQueue().take(0, 0)


LIMIT_JOBS = 4
NUMBERS = st.integers(0, 9)
STEPS = st.one_of(
    st.tuples(st.just("submit"), NUMBERS),
    st.tuples(st.just("take"), st.integers(1, 3)),
    st.tuples(st.just("take_and_linger"), st.integers(1, 3)),
    st.tuples(st.just("cancel"), NUMBERS),
    st.tuples(st.just("done"), NUMBERS),
    st.tuples(st.just("put_back"), NUMBERS),
    st.tuples(st.just("yield"), st.integers(1, 3)),
)


class Bookkeeping:
    """Drives a queue with random steps and keeps its own account of where every job must be."""

    def __init__(self) -> None:
        self.queue = LocalQueue(LIMIT_JOBS)
        self.accepted: set[int] = set()
        self.takers: list[asyncio.Task[list[Job]]] = []
        self.held: list[Job] = []

    async def step(self, name: str, number: int) -> None:
        actions: dict[str, Callable[[int], object]] = {
            "take": lambda limit: self.takers.append(asyncio.ensure_future(self._take(limit, 0))),
            "take_and_linger": lambda limit: self.takers.append(asyncio.ensure_future(self._take(limit, 60))),
            "cancel": self._cancel,
        }
        if name in actions:
            actions[name](number)
        elif name == "submit":
            await self._submit(number)
        elif name == "yield":
            for _ in range(number):
                await asyncio.sleep(0)
        elif self.held:
            await self._settle(name, self.held.pop(number % len(self.held)))

    async def _submit(self, number: int) -> None:
        try:
            await self.queue.submit(job(number))
        except QueueFull:
            assert number not in self.accepted
            assert self.queue.waiting() >= LIMIT_JOBS
        else:
            self.accepted.add(number)

    async def _take(self, limit: int, max_wait_s: float) -> list[Job]:
        jobs = await self.queue.take(limit, max_wait_s)
        assert 1 <= len(jobs) <= limit
        self.held += jobs
        return jobs

    def _cancel(self, number: int) -> None:
        if self.takers:
            self.takers[number % len(self.takers)].cancel()

    async def _settle(self, name: str, taken: Job) -> None:
        if name == "done":
            await self.queue.done(taken)
            self.accepted.remove(taken.id)
        else:
            await self.queue.put_back([taken])

    async def close(self) -> list[int]:
        for taker in self.takers:
            taker.cancel()
        if self.takers:
            await asyncio.wait(self.takers)
        rest = await self.queue.take(100, 0) if self.queue.waiting() else []
        return sorted(each.id for each in [*self.held, *rest])


@settings(max_examples=300)
@given(st.lists(STEPS, max_size=40))
def test_no_order_of_events_loses_or_doubles_a_job(steps: list[tuple[str, int]]) -> None:
    async def play() -> None:
        books = Bookkeeping()
        for name, number in steps:
            await books.step(name, number)

            assert books.queue.waiting() + len(books.held) == len(books.accepted)
        assert await books.close() == sorted(books.accepted)

    asyncio.run(play())
