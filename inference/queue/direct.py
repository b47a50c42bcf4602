"""Photos for which somebody waits right here: in the line like all others, but neither stored nor kept.

Whoever asks holds the photo in memory, the worker fetches it from there, and its result goes back there.
"""

import asyncio
import secrets
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final

from inference.queue.protocol import Job, JobQueue, JobResult, QueueAway

PREFIX: Final = "direct:"  # of the name of such a photo; after it come who holds it, and which one it is
FIRST_ID: Final = 2**62  # no row of a database has an id like that
WAIT_S: Final = 30.0

Look = Callable[[bytes], Awaitable[JobResult]]
"""A photo's bytes → what a worker says of it. Raises QueueFull, QueueAway."""

Fetch = Callable[[str], Awaitable[bytes]]
Report = Callable[[JobResult], Awaitable[None]]


@dataclass(slots=True, eq=False)
class _Held:
    data: bytes
    result: asyncio.Future[JobResult] = field(default_factory=lambda: asyncio.get_running_loop().create_future())


class DirectPhotos:
    """The photos that this process holds, and the way back of their results."""

    def __init__(self, queue: JobQueue, wait_s: float = WAIT_S) -> None:
        """`wait_s`: after so long nobody waits for a result any more."""
        self.holder = secrets.token_hex(8)
        self._queue = queue
        self._wait_s = wait_s
        self._held: dict[str, _Held] = {}

    async def look(self, data: bytes) -> JobResult:
        """Have a worker look at a photo, which is forgotten on return.

        Raises:
            QueueFull: try again later.
            QueueAway: no result within `wait_s`.
        """
        name, held = f"{PREFIX}{self.holder}:{secrets.token_hex(8)}", _Held(data)
        job = Job(FIRST_ID + secrets.randbits(61), name, time.time(), f"d{name[-8:]}")
        self._held[name] = held
        try:
            async with asyncio.timeout(self._wait_s):
                await self._queue.submit(job)
                return await held.result
        except TimeoutError:
            raise QueueAway(f"no worker has looked at it within {self._wait_s:g} s") from None
        finally:
            del self._held[name]

    def photo(self, name: str) -> bytes:
        """Raises LookupError: nobody waits for its result any more."""
        return self._held[name].data

    def came(self, result: JobResult) -> None:
        """Hand a result to who waits for it; the second one, and what nobody waits for, is dropped."""
        held = self._held.get(result.job.photo_sha256)
        if held is not None and not held.result.done():
            held.result.set_result(result)

    def fetching(self, stored: Fetch) -> Fetch:
        """For a worker in this process: our photos from here, all others from the store."""

        async def fetch(name: str) -> bytes:
            return self.photo(name) if name.startswith(PREFIX) else await stored(name)

        return fetch

    def reporting(self, others: Report) -> Report:
        """For a worker in this process: our results to who waits, all others on."""

        async def report(result: JobResult) -> None:
            if result.job.photo_sha256.startswith(PREFIX):
                self.came(result)
            else:
                await others(result)

        return report
