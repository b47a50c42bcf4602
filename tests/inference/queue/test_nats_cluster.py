"""Three servers that keep everything three times: any of them may die under load, and any worker; nothing is lost."""

import asyncio
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import pytest
from checkout import ROOT
from nats_servers import NatsServer, nats_cluster

from inference.queue.nats.connection import NatsLink
from inference.queue.nats.jobs import NatsQueue, whole_look
from inference.queue.nats.results import NatsResults
from inference.queue.nats.url import NatsUrl
from inference.queue.protocol import Job, JobResult, QueueAway

STUB = ROOT / "tests" / "inference" / "nats_stub_worker.py"
PATIENCE_S = 120.0
JOBS = 400
STUB_S = 0.02


@contextmanager
def workers(url: str, count: int) -> Iterator[list["subprocess.Popen[bytes]"]]:
    with ExitStack() as stack:
        started = []
        for _ in range(count):
            started.append(a_worker(url))
            stack.callback(started[-1].wait)
            stack.callback(started[-1].kill)
        yield started


def a_worker(url: str) -> "subprocess.Popen[bytes]":
    return subprocess.Popen([sys.executable, str(STUB), url, str(STUB_S)], cwd=ROOT)


class Answers:
    """What reached the database, how often."""

    def __init__(self) -> None:
        self.times: Counter[int] = Counter()
        self._changed = asyncio.Event()

    async def store(self, result: JobResult) -> None:
        self.times[result.job.id] += 1
        self._changed.set()

    async def reach(self, jobs: int) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while len(self.times) < jobs:
                self._changed.clear()
                await self._changed.wait()


async def restart(server: NatsServer) -> None:
    await asyncio.to_thread(server.kill)
    await asyncio.sleep(1)  # for the others to notice, and to choose another leader
    await asyncio.to_thread(server.start)


@pytest.mark.slow
async def test_any_server_and_any_worker_may_die_under_load(tmp_path: Path) -> None:
    with nats_cluster(tmp_path) as servers:
        url = f"{','.join(server.url for server in servers)}?replicas=3&ack_wait=2s&tries=50"
        with workers(url, 2) as first, workers(url, 2):
            answers = await _campaign(url, servers, first)

    assert set(answers.times) == set(range(JOBS))
    assert sum(answers.times.values()) <= JOBS + 4 * 8  # a photo in the hands of who died may be looked at twice


async def _campaign(url: str, servers: Sequence[NatsServer], mortal: Sequence["subprocess.Popen[bytes]"]) -> Answers:
    answers = Answers()
    async with NatsLink(NatsUrl.parse(url)) as link, NatsQueue(link) as queue, asyncio.TaskGroup() as group:
        await link.ready(PATIENCE_S)
        results = NatsResults(link, queue, answers.store)
        group.create_task(results.run())
        submitting = group.create_task(_submit(queue))
        for number, server in enumerate(servers):
            await answers.reach((number + 1) * JOBS // 5)
            await restart(server)
            if number < len(mortal):
                mortal[number].kill()
        await submitting
        await answers.reach(JOBS)
        await _until_empty(link)
        await results.drain(10)
    return answers


async def _submit(queue: NatsQueue) -> None:
    for number in range(JOBS):
        await queue.submit(Job(number, f"{number:064x}", time.time()))
        await asyncio.sleep(STUB_S / 2)


async def _until_empty(link: NatsLink) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while True:
            with suppress(QueueAway):  # the server that began last still gathers what it missed
                seen = await whole_look(link)
                if (seen.waiting, seen.in_hand, seen.results) == (0, 0, 0):
                    return
            await asyncio.sleep(0.1)
