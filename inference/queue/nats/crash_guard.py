"""Which photos processes die of, told from how often JetStream has handed them out."""

from collections.abc import Mapping, Sequence

from inference.queue.nats.jobs import NatsQueue
from inference.queue.protocol import Job


class NatsCrashGuard:
    """The `Lives` of a worker whose jobs come from NATS. The server counts, so nothing has to be noted.

    Unlike in the database, a job that was laid down unharmed is counted, too; so more tries are allowed.
    """

    def __init__(self, queue: NatsQueue) -> None:
        self._queue = queue

    async def begin(self, jobs: Sequence[Job]) -> Mapping[int, int]:
        """See `Lives.begin`."""
        return self._queue.times(jobs)

    async def put_back(self, jobs: Sequence[Job]) -> None:
        """See `Lives.put_back`."""
