"""Photos that a bot holds for somebody who waits reach a worker elsewhere, and their results come back."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from random import Random

import pytest

from inference.queue.direct import FIRST_ID, PREFIX, DirectPhotos
from inference.queue.nats.connection import NatsLink
from inference.queue.nats.direct import PIECE_BYTES, fetching, nats_direct, reporting
from inference.queue.nats.jobs import NatsQueue
from inference.queue.nats.url import NatsUrl
from inference.queue.protocol import Failure, Job, JobResult, QueueAway

PATIENCE_S = 60.0
PHOTO = Random(5).randbytes(3 * PIECE_BYTES + 7)  # several pieces


@asynccontextmanager
async def process(nats_url: str) -> AsyncIterator[tuple[NatsLink, NatsQueue]]:
    """Each has a connection and a line of its own."""
    async with NatsLink(NatsUrl.parse(f"{nats_url}&limit=20&ack_wait=2s")) as link:
        await link.ready(PATIENCE_S)
        async with NatsQueue(link) as queue:
            yield link, queue


async def stored(name: str) -> bytes:
    return f"stored {name}".encode()


@pytest.mark.parametrize("photo", [PHOTO, b"small", PHOTO[:PIECE_BYTES]])
async def test_a_photo_goes_to_a_worker_and_its_result_back_and_nothing_is_left(nats_url: str, photo: bytes) -> None:
    others: list[JobResult] = []

    async def report(result: JobResult) -> None:
        others.append(result)

    async with (
        process(nats_url) as (bot_link, bot_queue),
        nats_direct(bot_link, bot_queue) as direct,
        process(nats_url) as (link, queue),
        asyncio.timeout(PATIENCE_S),
        asyncio.TaskGroup() as group,
    ):
        asking = group.create_task(direct.look(photo))
        [job] = await queue.take(5, 0)
        seen = await fetching(link, stored)(job.photo_sha256)
        await reporting(link, report)(JobResult(job, failure=Failure.UNREADABLE))
        await queue.done(job)
        said = await asking
        with pytest.raises(LookupError):
            await fetching(link, stored)(job.photo_sha256)
        info = await link.js.stream_info(link.names.jobs)
        results = await link.js.stream_info(link.names.results)

    assert seen == photo
    assert said == JobResult(job, failure=Failure.UNREADABLE)
    assert (others, info.state.messages, results.state.messages) == ([], 0, 0)


async def test_stored_photos_and_their_results_go_where_they_went(nats_url: str) -> None:
    others: list[JobResult] = []

    async def report(result: JobResult) -> None:
        others.append(result)

    async with process(nats_url) as (link, _):
        of = JobResult(Job(1, "a" * 64, time.time()), failure=Failure.TOO_OLD)
        await reporting(link, report)(of)
        seen = await fetching(link, stored)("a" * 64)

    assert (others, seen) == ([of], f"stored {'a' * 64}".encode())


async def test_a_holder_that_is_gone_costs_the_worker_nothing(nats_url: str) -> None:
    name = f"{PREFIX}0123456789abcdef:1"
    async with process(nats_url) as (link, _):
        with pytest.raises(LookupError):
            await fetching(link, stored)(name)
        await reporting(link, stored)(JobResult(Job(FIRST_ID, name, 0.0), failure=Failure.MISSING))  # type: ignore[arg-type]


async def test_who_asks_waits_so_long_and_no_longer(nats_url: str) -> None:
    async with process(nats_url) as (_, queue):
        direct = DirectPhotos(queue, wait_s=0.2)

        with pytest.raises(QueueAway, match="no worker has looked at it within 0.2 s"):
            await direct.look(b"photo")

        assert direct._held == {}
