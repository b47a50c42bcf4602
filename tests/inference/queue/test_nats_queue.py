"""The line between processes, in a real NATS server: what holds for the local one holds here, whoever goes away."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from core.prediction import BreedScore, Kind, Prediction
from inference.photo.preprocess import Preprocessing
from inference.queue.nats.connection import NatsLink
from inference.queue.nats.dead_letters import dead_letters, replay
from inference.queue.nats.jobs import NatsQueue
from inference.queue.nats.results import NatsResults
from inference.queue.nats.url import NatsUrl
from inference.queue.protocol import LIVES, Failure, Job, JobResult, QueueFull
from inference.worker.settings import WorkerSettings
from inference.worker.worker import Worker

PATIENCE_S = 60.0


def job(number: int) -> Job:
    return Job(number, f"{number:064x}", time.time(), f"u{number}")


def result(of: Job) -> JobResult:
    return JobResult(of, failure=Failure.TOO_OLD)


class Reports:
    """A bot that stores results in a list."""

    def __init__(self, wanted: int = 0) -> None:
        self.ids: list[int] = []
        self.complete = asyncio.Event()
        self.wanted = wanted
        self.broken = 0

    async def __call__(self, report: JobResult) -> None:
        if self.broken:
            self.broken -= 1
            raise RuntimeError("the database is away")
        self.ids.append(report.job.id)
        if len(set(self.ids)) >= self.wanted:
            self.complete.set()


@pytest.fixture
async def link(nats_url: str) -> AsyncIterator[NatsLink]:
    async with NatsLink(NatsUrl.parse(f"{nats_url}&limit=20&ack_wait=1s")) as link:
        await link.ready(PATIENCE_S)
        yield link


@pytest.fixture
async def queue(link: NatsLink) -> AsyncIterator[NatsQueue]:
    async with NatsQueue(link) as queue:
        yield queue


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not true():  # noqa: ASYNC110 - what the server knows is seen at the next look, which tells nobody
            await asyncio.sleep(0.02)


class Beagles:
    """A classifier that sees nothing else."""

    preprocessing = Preprocessing(input_px=8, resize_px=8)
    batch_sizes = (4,)
    second = None

    def cells(self, photo: NDArray[np.uint8]) -> NDArray[np.float32]:
        raise NotImplementedError

    def predict(self, batch: NDArray[np.uint8]) -> list[Prediction]:
        top = (BreedScore("beagle", 1.0),)
        return [Prediction(Kind.BREED, top, 0.0, "beagles", "fake", np.zeros(1, np.float16)) for _ in batch]


PICTURE = b"BM\x3a\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0\1\0\0\0\1\0\0\0\1\0\x18\0" + bytes(28)


async def test_a_worker_that_stood_still_goes_on_and_each_job_is_answered(
    link: NatsLink, queue: NatsQueue, caplog: pytest.LogCaptureFixture
) -> None:
    stalls = iter([2.5])  # longer than ack_wait; nothing of this process runs meanwhile, as when it is frozen

    async def fetch(_: str) -> bytes:
        time.sleep(next(stalls, 0))  # noqa: ASYNC251 - that is the point
        return PICTURE

    reports = Reports(wanted=6)
    worker = Worker(queue, Beagles, fetch, queue.report, WorkerSettings(batch_photos=4))
    for number in range(6):
        await queue.submit(job(number))
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(worker.run()), group.create_task(NatsResults(link, queue, reports).run())]
        async with asyncio.timeout(PATIENCE_S):
            await reports.complete.wait()
        for task in tasks:
            task.cancel()

    assert sorted(set(reports.ids)) == list(range(6))
    assert not [record for record in caplog.records if record.exc_info]


async def test_what_is_handed_out_again_while_we_have_it_counts_once(queue: NatsQueue) -> None:
    await queue.submit(job(1))
    (taken,) = await queue.take(10, 0)
    time.sleep(2.5)  # noqa: ASYNC251 - so that nobody tells the server that we have it
    again = await queue.take(10, 0)

    assert [each.id for each in again] == [1]
    assert await queue.crash_guard.begin([taken]) == {1: 1}


async def test_jobs_come_out_in_the_order_in_which_they_came_in(queue: NatsQueue) -> None:
    for number in range(5):
        await queue.submit(job(number))

    taken = [*await queue.take(2, 0), *await queue.take(10, 0)]

    assert [each.id for each in taken] == [0, 1, 2, 3, 4]
    assert taken[3].trace == "u3"


async def test_a_waiting_taker_wakes_at_the_first_job(queue: NatsQueue) -> None:
    taking = asyncio.ensure_future(queue.take(8, 0))
    await asyncio.sleep(0.1)
    await queue.submit(job(1))

    async with asyncio.timeout(PATIENCE_S):
        assert [each.id for each in await taking] == [1]


async def test_a_batch_that_is_not_full_waits_a_little_for_more(queue: NatsQueue) -> None:
    taking = asyncio.ensure_future(queue.take(3, PATIENCE_S))
    for number in range(3):
        await queue.submit(job(number))

    async with asyncio.timeout(PATIENCE_S):
        assert [each.id for each in await taking] == [0, 1, 2]


async def test_a_job_is_in_the_line_once_whoever_submits_it(link: NatsLink, queue: NatsQueue) -> None:
    await queue.submit(job(1))
    await queue.submit(job(1))
    async with NatsQueue(link) as restarted:
        await restarted.submit(job(1))
        taken = await queue.take(10, 0)
        await restarted.submit(job(1))
        await restarted.submit(job(2))

        more = await restarted.take(10, 0)

    assert [each.id for each in taken] == [1]
    assert [each.id for each in more] == [2]


async def test_a_job_whose_result_waits_for_a_bot_is_not_computed_again(link: NatsLink, queue: NatsQueue) -> None:
    await queue.submit(job(1))
    (taken,) = await queue.take(10, 0)
    await queue.report(result(taken))
    await queue.done(taken)
    async with NatsQueue(link) as restarted:
        await restarted.submit(job(1))
        await restarted.submit(job(2))

        assert [each.id for each in await restarted.take(10, 0)] == [2]


async def test_a_full_line_says_so_and_takes_the_same_job_when_there_is_room(queue: NatsQueue) -> None:
    for number in range(20):
        await queue.submit(job(number))
    with pytest.raises(QueueFull, match="job 20"):
        await queue.submit(job(20))
    (first,) = await queue.take(1, 0)
    await queue.done(first)

    await queue.submit(job(20))

    await until(lambda: queue.waiting() == 20)


async def test_one_knows_how_long_the_line_is_and_where_one_stands(queue: NatsQueue) -> None:
    for number in range(6):
        await queue.submit(job(number))
    await until(lambda: queue.waiting() == 6)
    places = [queue.position(number) for number in (0, 5, 99)]
    await queue.take(4, 0)
    await until(lambda: queue.waiting() == 2)

    assert places == [1, 6, None]
    assert [queue.position(number) for number in (3, 4, 5)] == [None, 1, 2]
    assert 0 < queue.oldest_age_s() < PATIENCE_S


async def test_what_is_put_back_comes_before_all_others(queue: NatsQueue) -> None:
    for number in range(4):
        await queue.submit(job(number))
    taken = await queue.take(2, 0)

    await queue.put_back(taken)

    again = [*await queue.take(2, 0), *await queue.take(2, 0)]
    assert sorted(each.id for each in again[:2]) == [0, 1]
    assert [each.id for each in again[2:]] == [2, 3]
    assert await queue.crash_guard.begin(again) == {0: 2, 1: 2, 2: 1, 3: 1}


async def test_a_cancelled_taker_takes_nothing(queue: NatsQueue) -> None:
    taking = asyncio.ensure_future(queue.take(8, 0))
    await asyncio.sleep(0.1)
    taking.cancel()
    await queue.submit(job(1))

    async with asyncio.timeout(PATIENCE_S):
        assert [each.id for each in await queue.take(8, 0)] == [1]


async def test_a_job_of_a_worker_that_died_goes_to_another(link: NatsLink, queue: NatsQueue) -> None:
    await queue.submit(job(1))
    async with NatsQueue(link) as dead:
        await dead.take(1, 0)
        for loop in dead._loops:  # it says nothing more, as a process that was killed
            loop.cancel()

        async with asyncio.timeout(PATIENCE_S):
            assert [each.id for each in await queue.take(1, 0)] == [1]
    assert await queue.crash_guard.begin([job(1)]) == {1: 2}


async def test_a_job_in_hand_for_long_stays_in_that_hand(link: NatsLink, queue: NatsQueue) -> None:
    await queue.submit(job(1))
    await queue.take(1, 0)
    async with NatsQueue(link) as other:
        taking = asyncio.ensure_future(other.take(1, 0))
        await asyncio.sleep(2.5)  # of one second after which the server would hand it out again

        assert not taking.done()
        taking.cancel()


async def test_results_reach_one_bot_each_and_are_stored_before_they_are_forgotten(
    link: NatsLink, queue: NatsQueue
) -> None:
    reports, other = Reports(), Reports()
    reports.broken = 2
    bots = [NatsResults(link, queue, reports), NatsResults(link, queue, other)]
    running = [asyncio.ensure_future(bot.run()) for bot in bots]
    for number in range(20):
        await queue.submit(job(number))
    for taken in await queue.take(20, 1):
        await queue.report(result(taken))
        await queue.report(result(taken))  # its acknowledgement got lost
        await queue.done(taken)

    await until(lambda: len(reports.ids) + len(other.ids) >= 20)
    for bot, task in zip(bots, running, strict=True):
        await bot.drain(PATIENCE_S)
        await task

    assert sorted(reports.ids + other.ids) == list(range(20))


async def test_a_photo_that_processes_die_of_is_given_up_with_a_reason(link: NatsLink, queue: NatsQueue) -> None:
    await queue.submit(job(1))
    for _ in range(link.url.tries):
        await queue.put_back(await queue.take(1, 0))
    (taken,) = await queue.take(1, 0)

    begun = await queue.crash_guard.begin([taken])
    await queue.report(JobResult(taken, failure=Failure.POISON))
    await queue.done(taken)
    letters = [letter async for letter in dead_letters(link)]
    await replay(link, letters[0])
    (again,) = await queue.take(1, 0)

    assert begun == {1: LIVES + 1}
    assert [(letter.name, letter.tries) for letter in letters] == [("1", link.url.tries + 1)]
    assert (again.id, again.photo_sha256, again.trace) == (1, taken.photo_sha256, "u1")
    assert await queue.crash_guard.begin([again]) == {1: 1}
    assert [letter async for letter in dead_letters(link)] == []


async def test_what_is_no_job_is_put_aside(link: NatsLink, queue: NatsQueue) -> None:
    await link.js.publish(link.names.job("strange"), b"no job")
    await queue.submit(job(2))

    taken = await queue.take(5, 0)

    assert [each.id for each in taken] == [2]
    assert [(letter.name, letter.job) async for letter in dead_letters(link)] == [("strange", None)]


async def test_a_job_whose_result_nobody_took_is_not_done(queue: NatsQueue) -> None:
    await queue.submit(job(1))
    (taken,) = await queue.take(1, 0)
    queue._hands._unreported.add(1)

    await queue.done(taken)

    async with asyncio.timeout(PATIENCE_S):
        assert [each.id for each in await queue.take(1, 0)] == [1]
