"""Photos that a bot holds for somebody who waits: workers fetch them from it, and send it the results.

By request and reply, in pieces that fit into a message; no stream keeps anything of it.
"""

import json
import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from nats.aio.msg import Msg

from inference.queue.direct import PREFIX, DirectPhotos, Fetch, Report
from inference.queue.nats.codec import decode_result, encode_result
from inference.queue.nats.connection import ANSWER_S, NatsLink
from inference.queue.nats.jobs import NatsQueue
from inference.queue.protocol import BadMessage, JobResult, QueueAway

PIECE_BYTES: Final = 512 * 1024  # a server takes a megabyte at once unless it is told otherwise
LIMIT_BYTES: Final = 32 * 2**20  # of a photo, whatever its holder says
_SIZE: Final = "Breedbot-Size"

log = logging.getLogger(__name__)


@asynccontextmanager
async def nats_direct(link: NatsLink, queue: NatsQueue) -> AsyncIterator[DirectPhotos]:
    """For a bot: give its photos to workers, and take the results, until the block is left."""
    photos = DirectPhotos(queue)

    async def ask(message: Msg) -> None:
        try:
            wanted = json.loads(message.data)
            data, start = photos.photo(str(wanted["photo"])), int(wanted["from"])
        except (ValueError, TypeError, LookupError):
            await message.respond(b"")  # without a size: there is none
            return
        piece = data[start : start + PIECE_BYTES]
        await link.client.publish(message.reply, piece, headers={_SIZE: str(len(data))})

    async def take(message: Msg) -> None:
        try:
            result = decode_result(message.data)
        except BadMessage as error:
            log.error("a result is not readable: %s", error)  # noqa: TRY400 - the bytes are foreign
        else:
            queue.settled(result.job.id)
            photos.came(result)
        await message.respond(b"")

    stop_asking = await link.listen(_photos_of(photos.holder), ask)
    stop_taking = await link.listen(_results_of(photos.holder), take)
    try:
        yield photos
    finally:
        await stop_asking()
        await stop_taking()


def fetching(link: NatsLink, stored: Fetch) -> Fetch:
    """For a worker: photos that a bot holds from there, all others from the store."""

    async def fetch(name: str) -> bytes:
        return await _held(link, name) if name.startswith(PREFIX) else await stored(name)

    return fetch


def reporting(link: NatsLink, others: Report) -> Report:
    """For a worker: results of photos that a bot holds to that bot, all others on."""

    async def report(result: JobResult) -> None:
        if not result.job.photo_sha256.startswith(PREFIX):
            await others(result)
            return
        try:
            await link.ask(_results_of(_holder(result.job.photo_sha256)), encode_result(result), ANSWER_S)
        except QueueAway as error:  # who asked has an answer by now: that there is none
            log.info("nobody waits for job %d any more: %s", result.job.id, error)

    return report


async def _held(link: NatsLink, name: str) -> bytes:
    """Raises LookupError: whoever held it does not any more."""
    data, until = bytearray(), time.monotonic() + ANSWER_S
    while True:
        wanted = json.dumps({"photo": name, "from": len(data)}).encode()
        try:
            answer = await link.ask(_photos_of(_holder(name)), wanted, max(0.1, until - time.monotonic()))
        except QueueAway as error:
            raise LookupError(str(error)) from error
        data += answer.data
        size = int((answer.headers or {}).get(_SIZE, 0))
        if not answer.data or not len(data) <= size <= LIMIT_BYTES:
            raise LookupError(f"{name} is not there any more")
        if len(data) == size:
            return bytes(data)


def _holder(name: str) -> str:
    return name.split(":")[1]


def _photos_of(holder: str) -> str:
    return f"direct.{holder}.photos"


def _results_of(holder: str) -> str:
    return f"direct.{holder}.results"
