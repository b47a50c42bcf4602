"""How long the line is and what waits in it, seen all at once."""

from dataclasses import dataclass
from typing import Any

import nats.errors
from nats.js.errors import NotFoundError
from rich.table import Table

from inference.queue.nats.connection import NatsLink
from inference.queue.nats.streams import BOTS, WORKERS
from inference.queue.protocol import QueueAway


@dataclass(frozen=True, slots=True)
class Look:
    """The line at one moment.

    Attributes:
        waiting: jobs that no worker has been given.
        in_hand: jobs that workers have.
        handed_out: the last place in the stream that a worker was given.
        settled_to: up to this place all are settled.
        results: results that no bot has stored.
        dead: dead letters.
        answered: jobs whose results wait for a bot.
    """

    waiting: int = 0
    in_hand: int = 0
    handed_out: int = 0
    settled_to: int = 0
    results: int = 0
    dead: int = 0
    answered: frozenset[int] = frozenset()

    def to_json(self) -> dict[str, Any]:
        """`breedbot queue status --json`."""
        return {"waiting": self.waiting, "in_hand": self.in_hand, "results": self.results, "dead": self.dead}


async def look(link: NatsLink) -> Look:
    """Look at the line. Raises QueueAway."""
    names = link.names
    try:
        workers = await link.js.consumer_info(names.jobs, WORKERS)
        results = await link.js.stream_info(names.results, subjects_filter=names.result("*"))
    except nats.errors.Error as error:
        if isinstance(error, NotFoundError):
            link.look_again()
        raise QueueAway(f"NATS: {error}") from error
    subjects = results.state.subjects or {}
    return Look(
        waiting=workers.num_pending or 0,
        in_hand=workers.num_ack_pending or 0,
        handed_out=workers.delivered.stream_seq if workers.delivered is not None else 0,
        settled_to=workers.ack_floor.stream_seq if workers.ack_floor is not None else 0,
        results=results.state.messages,
        answered=frozenset(_ids(subjects)),
    )


async def whole_look(link: NatsLink) -> Look:
    """The same with the dead letters, for people. Raises QueueAway."""
    seen = await look(link)
    try:
        bots = await link.js.consumer_info(link.names.results, BOTS)
        dead = await link.js.stream_info(link.names.dead)
    except nats.errors.Error as error:
        raise QueueAway(f"NATS: {error}") from error
    results = (bots.num_pending or 0) + (bots.num_ack_pending or 0)
    return Look(seen.waiting, seen.in_hand, seen.handed_out, seen.settled_to, results, dead.state.messages)


def _ids(subjects: dict[str, int]) -> set[int]:
    return {int(last) for subject in subjects if (last := subject.rpartition(".")[2]).isdecimal()}


def look_table(seen: Look) -> Table:
    """`breedbot queue status`."""
    table = Table("waiting", "in hand", "results not stored", "given up", box=None)
    table.add_row(*(str(count) for count in (seen.waiting, seen.in_hand, seen.results, seen.dead)))
    return table
