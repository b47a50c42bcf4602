"""A photo that was in hand when the process died is looked at alone, and after the third time not any more."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from test_worker import QUICK, TIMEOUT_S, FakeClassifier, job, photo

from inference.queue.local import LocalQueue
from inference.queue.protocol import LIVES, Failure, Job, JobResult
from inference.worker.worker import Worker


@dataclass
class Notes:
    """Remembers what another life left; `times` by job id."""

    times: dict[int, int] = field(default_factory=dict)
    broken: bool = False
    back: list[int] = field(default_factory=list)

    async def begin(self, jobs: Sequence[Job]) -> Mapping[int, int]:
        if self.broken:
            raise OSError("no disk")
        for one in jobs:
            self.times[one.id] = self.times.get(one.id, 0) + 1
        return {one.id: self.times[one.id] for one in jobs}

    async def put_back(self, jobs: Sequence[Job]) -> None:
        self.back += [one.id for one in jobs]


@dataclass
class Stand:
    """A worker at a queue, and who was fetched while who else was in hand."""

    notes: Notes
    queue: LocalQueue = field(default_factory=LocalQueue)
    results: dict[int, JobResult] = field(default_factory=dict)
    company: dict[int, int] = field(default_factory=dict)
    in_hand: int = 0
    hold: asyncio.Event = field(default_factory=asyncio.Event)

    async def fetch(self, sha256: str) -> bytes:
        self.in_hand += 1
        self.company[int(sha256)] = self.in_hand
        try:
            await asyncio.sleep(0.01)
            return photo(int(sha256))
        finally:
            self.in_hand -= 1

    async def report(self, result: JobResult) -> None:
        self.results[result.job.id] = result

    def worker(self) -> Worker:
        classifier = FakeClassifier()
        return Worker(self.queue, lambda: classifier, self.fetch, self.report, QUICK, guard=self.notes)

    async def serve(self, *ids: int) -> None:
        for number in ids:
            await self.queue.submit(job(number))
        worker = asyncio.ensure_future(self.worker().run())
        async with asyncio.timeout(TIMEOUT_S):
            while len(self.results) < len(ids):  # noqa: ASYNC110
                await asyncio.sleep(0.001)
        worker.cancel()
        await asyncio.wait([worker])


async def test_who_was_in_hand_when_the_process_died_is_looked_at_alone() -> None:
    stand = Stand(Notes({2: 1, 4: 2}))
    await stand.serve(1, 2, 3, 4, 5)

    assert [number for number in stand.results if stand.results[number].failure] == []
    assert stand.company[2] == stand.company[4] == 1


async def test_after_the_third_time_it_is_given_up_and_never_touched() -> None:
    stand = Stand(Notes({2: LIVES}))
    await stand.serve(1, 2, 3)

    assert stand.results[2].failure is Failure.POISON
    assert 2 not in stand.company
    assert stand.results[1].predictions
    assert stand.results[3].predictions


async def test_where_nothing_can_be_noted_photos_are_answered_all_the_same() -> None:
    stand = Stand(Notes(broken=True))
    await stand.serve(1, 2, 3)

    assert all(result.predictions for result in stand.results.values())


async def test_what_is_put_back_at_the_end_does_not_count() -> None:
    stand = Stand(Notes())
    gate = FakeClassifier()
    worker = Worker(stand.queue, lambda: gate, _never, stand.report, QUICK, guard=stand.notes)
    await stand.queue.submit(job(1))
    running = asyncio.ensure_future(worker.run())
    async with asyncio.timeout(TIMEOUT_S):
        while not stand.notes.times:  # noqa: ASYNC110
            await asyncio.sleep(0.001)
    running.cancel()
    await asyncio.wait([running])

    assert stand.notes.back == [1]
    assert stand.queue.waiting() == 1


async def _never(_: str) -> bytes:
    await asyncio.Event().wait()
    return b""
