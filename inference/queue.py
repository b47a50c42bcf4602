"""The waiting line between the bot and the worker: what is in it, and what every kind of line can do."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from inference.prediction import Prediction


class QueueError(Exception):
    """Anything that can go wrong with the line itself.

    QueueError
    ├── QueueFull           try again later
    └── UnknownQueueUrl     a setting to correct
    """


class QueueFull(QueueError):
    """The line is as long as it may get; nothing was added. The job stays in the database, to be submitted again."""


class UnknownQueueUrl(QueueError, ValueError):
    """No line can be opened for this URL."""


class Failure(StrEnum):
    """Why there is no prediction. The bot has a sentence for each."""

    UNREADABLE = "unreadable"
    TOO_LARGE = "too_large"
    TOO_OLD = "too_old"
    MISSING = "missing"
    INTERNAL = "internal"


@dataclass(frozen=True, slots=True)
class Job:
    """One photo to be looked at; `id` is the row in the database, `submitted_at` in Unix seconds."""

    id: int
    photo_sha256: str
    submitted_at: float


@dataclass(frozen=True, slots=True)
class JobResult:
    """What became of a job: exactly one of `prediction` and `failure` is set.

    Attributes:
        job: the job as it was submitted.
        prediction: the answer.
        failure: why there is none.
        queue_s: seconds from submission until a worker took it.
        decode_s: seconds in the decoder, without waiting for a thread.
        infer_s: seconds that its batch took in the classifier.
    """

    job: Job
    prediction: Prediction | None = None
    failure: Failure | None = None
    queue_s: float = 0.0
    decode_s: float = 0.0
    infer_s: float = 0.0

    def __post_init__(self) -> None:
        if (self.prediction is None) == (self.failure is None):
            raise ValueError(f"job {self.job.id}: a result is either a prediction or a failure")


class JobQueue(Protocol):
    """A bounded line of jobs, first come, first served. A job is in it once: waiting, or taken and not yet done."""

    async def submit(self, job: Job) -> None:
        """Add a job at the end; one that is waiting or being worked on already is ignored.

        Raises:
            QueueFull: nothing was added.
        """

    async def take(self, limit: int, max_wait_s: float) -> list[Job]:
        """The next jobs, 1 to `limit` of them, oldest first.

        Waits as long as it takes for the first one, then at most `max_wait_s` more for a full batch. Every job taken
        must be given to `done` or `put_back`. Await it directly: a cancelled call takes nothing, but a task or
        `wait_for` around it could drop what it returned.
        """

    async def done(self, job: Job) -> None:
        """The job is settled and forgotten; the same id may be submitted again."""

    async def put_back(self, jobs: Sequence[Job]) -> None:
        """Jobs that were taken but not settled wait again, ahead of all others, in this order."""

    def waiting(self) -> int:
        """Jobs that nobody has taken."""

    def position(self, job_id: int) -> int | None:
        """1 = taken next; None = not waiting (unknown, being worked on, or done)."""

    def oldest_age_s(self) -> float:
        """Seconds since the oldest waiting job was submitted; 0 when none waits."""


def open_queue(url: str) -> JobQueue:
    """The line for BREEDBOT_QUEUE_URL; raises UnknownQueueUrl."""
    from inference.local_queue import LocalQueue  # noqa: PLC0415 - it needs the types above

    check_queue_url(url)
    return LocalQueue()


def check_queue_url(url: str) -> str:
    """The URL, if a line can be opened for it.

    Raises:
        UnknownQueueUrl: the message says what may be used instead, and not the URL: a password may be in it.
    """
    if url.startswith("nats:"):
        raise UnknownQueueUrl("NATS comes in a later release; use local:")
    if url != "local:":
        raise UnknownQueueUrl("no such kind of queue; use local:")
    return url
