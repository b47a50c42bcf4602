"""Dead letters: jobs that were given up, each with the reason, until somebody looks at them.

There is one a job, the newest. Replaying one puts its job into the line again; the letter goes when that is safe.
"""

import json
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any, Final

import nats.errors
from nats.js.errors import APIError, NotFoundError
from rich.table import Table

from inference.queue.nats.codec import decode_job, encode_job
from inference.queue.nats.connection import ANSWER_S, NatsLink
from inference.queue.protocol import BadMessage, Job, QueueAway, QueueFull

_REASON: Final = 300  # letters
_FULL: Final = 10077


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A job that was given up.

    Attributes:
        job: None = it could not be read.
        reason: for people.
        tries: how often it was handed out.
        worker: host and process that gave it up.
        subject: where it was found, if it could not be read.
        at: Unix seconds.
    """

    job: Job | None
    reason: str
    tries: int
    worker: str
    subject: str = ""
    at: float = field(default_factory=time.time)

    @property
    def name(self) -> str:
        """By which it is replayed or dropped: the job's id, or what stands for it."""
        return str(self.job.id) if self.job is not None else self.subject.rpartition(".")[2]

    def to_json(self) -> dict[str, Any]:
        """One object of `breedbot queue dead --json`."""
        return {
            "id": self.name,
            "photo": self.job.photo_sha256 if self.job is not None else None,
            "trace": self.job.trace if self.job is not None else None,
            "reason": self.reason,
            "tries": self.tries,
            "worker": self.worker,
            "at": self.at,
            "replayable": self.job is not None,
        }


async def bury(link: NatsLink, letter: DeadLetter) -> None:
    """Keep a dead letter. Raises QueueAway."""
    stated = {
        "v": 1,
        "job": encode_job(letter.job).decode() if letter.job is not None else None,
        "reason": letter.reason[:_REASON],
        "tries": letter.tries,
        "worker": letter.worker,
        "subject": letter.subject,
        "at": letter.at,
    }
    try:
        await link.js.publish(link.names.dead_letter(letter.name), json.dumps(stated).encode(), timeout=ANSWER_S)
    except nats.errors.Error as error:
        raise QueueAway(f"NATS: the dead letter of job {letter.name} was not taken: {error}") from error


async def dead_letters(link: NatsLink) -> AsyncIterator[DeadLetter]:
    """All of them, oldest first. Raises QueueAway."""
    sequence = 1
    try:
        while True:
            found = await link.js.get_msg(
                link.names.dead, seq=sequence, subject=link.names.dead_letter("*"), direct=True, next=True
            )
            sequence = (found.seq or sequence) + 1
            yield _letter(found.data or b"", found.subject or "")
    except NotFoundError:
        return
    except nats.errors.Error as error:
        raise QueueAway(f"NATS: {error}") from error


async def replay(link: NatsLink, letter: DeadLetter) -> None:
    """Put the job into the line again, as if it were new, and forget the letter.

    Raises:
        BadMessage: the letter holds no job that could be replayed.
        QueueFull: the line is full.
        QueueAway: nothing has changed, or both are there: replaying it again does no harm.
    """
    if letter.job is None:
        raise BadMessage(f"{letter.name}: what was in the line is no job; it can only be dropped")
    fresh = Job(letter.job.id, letter.job.photo_sha256, time.time(), letter.job.trace)
    try:
        await link.js.publish(link.names.job(fresh.id), encode_job(fresh), timeout=ANSWER_S)
    except APIError as error:
        if error.err_code != _FULL:
            raise QueueAway(f"NATS: {error.description}") from error
        if "per subject" not in (error.description or ""):
            raise QueueFull(f"the line is full; job {letter.name} has to come back later") from error
    except nats.errors.Error as error:
        raise QueueAway(f"NATS: {error}") from error
    await drop(link, letter)


async def drop(link: NatsLink, letter: DeadLetter) -> None:
    """Forget a letter. Raises QueueAway."""
    try:
        await link.js.purge_stream(link.names.dead, subject=link.names.dead_letter(letter.name))
    except nats.errors.Error as error:
        raise QueueAway(f"NATS: {error}") from error


def dead_letter_table(letters: list[DeadLetter]) -> Table:
    """`breedbot queue dead`."""
    table = Table("job", "given up", "tries", "reason", "worker", "trace", box=None)
    for letter in letters:
        trace = letter.job.trace if letter.job is not None else ""
        at = time.strftime("%Y-%m-%d %H:%M", time.localtime(letter.at))
        table.add_row(letter.name, at, str(letter.tries), letter.reason, letter.worker, trace)
    return table


def _letter(data: bytes, subject: str) -> DeadLetter:
    """One that cannot be read is shown, too: it takes up room."""
    try:
        stated = json.loads(data)
        job = decode_job(stated["job"].encode()) if stated["job"] else None
        reason, tries, worker = str(stated["reason"]), int(stated["tries"]), str(stated["worker"])
        return DeadLetter(job, reason, tries, worker, subject, float(stated["at"]))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError, BadMessage):
        return DeadLetter(None, "a dead letter that cannot be read", 0, "", subject, 0.0)
