"""Decisions from the command line: `breedbot feedback accept`, `reject` and `reopen`."""

from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass

from core.breeds.catalogue import NOT_A_DOG, catalogue
from core.claim import Decision
from db.database import Database
from db.errors import AlreadyDecided, RowMissing

REVIEWER = "cli"


class UnknownBreed(Exception):
    """No label of that name."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one claim; `refused` says why nothing did."""

    event_id: int
    refused: str | None = None


async def decide(
    database: Database,
    event_ids: Iterable[int],
    decision: Decision,
    *,
    breed: str | None = None,
    reason: str | None = None,
) -> AsyncIterator[Outcome]:
    """Decide about claims one by one: what cannot be decided holds nothing else up.

    Args:
        database: where they are.
        event_ids: of the claims; each is decided once.
        decision: `reopened` takes the decision back that stands.
        breed: what it is, where that differs from the claim: a slug or `not_a_dog`.
        reason: why, in a line.

    Raises:
        UnknownBreed: before anything is decided.
        DatabaseError: what was decided by then stays.
    """
    if breed is not None and breed not in catalogue() and breed != NOT_A_DOG:
        raise UnknownBreed(f"{breed!r} is no breed of the catalogue; `breedbot breeds --search` finds its slug")
    for event_id in dict.fromkeys(event_ids):
        try:
            async with database.unit() as unit:
                await unit.reviews.decide(event_id, decision, reviewer=REVIEWER, breed=breed, reason=reason)
        except (RowMissing, AlreadyDecided, ValueError) as error:
            yield Outcome(event_id, str(error))
        else:
            yield Outcome(event_id)
