"""The waiting line between the bot and the worker: what is in it, and what every kind of line can do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Protocol

from core.prediction import Prediction, Remark
from inference.model.shadow_score import ShadowScore
from inference.queue.nats.url import BadNatsUrl, NatsUrl

LIMIT_DOGS: Final = 8  # of one photo
LIVES: Final = 3  # photos in whose hands the process dies are looked at so often


class QueueError(Exception):
    """Anything that can go wrong with the line itself.

    QueueError
    ├── QueueFull           try again later
    ├── QueueAway           its servers are not reached: they come back, or somebody brings them back
    ├── QueueRefused        its servers do not let us in, or cannot do what we need: somebody has to change that
    ├── BadMessage          what was found in it is not ours, or of another time
    └── UnknownQueueUrl     a setting to correct
    """


class QueueFull(QueueError):
    """The line is as long as it may get; nothing was added. The job stays in the database, to be submitted again."""


class QueueAway(QueueError):
    """The servers that keep the line are not reached, or do not answer."""


class QueueRefused(QueueError):
    """The servers that keep the line know us not, or keep no streams."""


class BadMessage(QueueError):
    """These bytes are no job and no result that this release can read."""


class UnknownQueueUrl(QueueError, ValueError):
    """No line can be opened for this URL."""


class Failure(StrEnum):
    """Why there is no prediction. The bot has a sentence for each."""

    UNREADABLE = "unreadable"
    TOO_LARGE = "too_large"
    TOO_OLD = "too_old"
    MISSING = "missing"
    INTERNAL = "internal"
    POISON = "poison"
    """The process died of it, again and again."""
    TOO_MANY = "too_many"
    """More than one person or group may have looked at in a minute."""


@dataclass(frozen=True, slots=True)
class Job:
    """One photo to be looked at.

    Attributes:
        id: the row in the database.
        photo_sha256: its bytes in the photo store.
        submitted_at: Unix seconds.
        trace: the word that log lines about it carry.
    """

    id: int
    photo_sha256: str
    submitted_at: float
    trace: str = ""


@dataclass(frozen=True, slots=True)
class JobResult:
    """What became of a job: either there are `predictions`, or there is a `failure`.

    Attributes:
        job: the job as it was submitted.
        predictions: one a dog, the largest first, at most `LIMIT_DOGS`; one of the whole photo if it shows no dog.
        failure: why there is none.
        queue_s: seconds from submission until a worker took it.
        decode_s: seconds in the decoder, without waiting for a thread.
        infer_s: seconds that its batch took in the classifier.
        shadows: what a candidate says of the features of each dog, in order; empty where none is being tried.
        remarks: what is wrong with the photo.
    """

    job: Job
    predictions: tuple[Prediction, ...] = ()
    failure: Failure | None = None
    queue_s: float = 0.0
    decode_s: float = 0.0
    infer_s: float = 0.0
    shadows: tuple[ShadowScore, ...] = ()
    remarks: tuple[Remark, ...] = ()

    def __post_init__(self) -> None:
        if bool(self.predictions) == (self.failure is not None) or len(self.predictions) > LIMIT_DOGS:
            raise ValueError(f"job {self.job.id}: a result is either 1 to {LIMIT_DOGS} predictions or a failure")
        if len(self.shadows) not in {0, len(self.predictions)}:
            raise ValueError(f"job {self.job.id}: {len(self.shadows)} shadows of {len(self.predictions)} predictions")


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


class CrashGuard(Protocol):
    """Remembers, beyond the end of the process, which photos were in hand, so that one it dies of is found out.

    A crash in a codec or in the engine, or a kill for memory, takes all photos along that are in hand. So each is noted
    before it is looked at; who was in hand when the process died is looked at alone the next time, and after the third
    time not any more.
    """

    async def begin(self, jobs: Sequence[Job]) -> Mapping[int, int]:
        """Note that these are in hand from now on; return once that is safe.

        Returns:
            By job id, how often it was begun and never settled, this time included: 1 = all is well.
        """

    async def put_back(self, jobs: Sequence[Job]) -> None:
        """These were laid down unharmed, and not looked at; their last `begin` does not count."""


def is_shared(url: str) -> bool:
    """Whether other processes reach the line."""
    return url.startswith(("nats:", "tls:"))


def check_queue_url(url: str) -> str:
    """The URL, if a line can be opened for it.

    Raises:
        UnknownQueueUrl: the message says what may be used instead, and not the URL: a password may be in it.
    """
    if is_shared(url):
        try:
            NatsUrl.parse(url)
        except BadNatsUrl as error:
            raise UnknownQueueUrl(str(error)) from None
    elif url != "local:":
        raise UnknownQueueUrl("no such kind of queue; use local: or nats://host:4222")
    return url
