"""`breedbot feedback`."""
# ruff: noqa: PLC0415 - commands import what they need when they run

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from breedbot.cli.app import Events, Json, WithUsers, feedback_app
from breedbot.cli.retrain import apply_policy
from breedbot.ops.terminal import FAILED, answer, answer_json, show, tell
from breedbot.serve.open import open_database, read_settings

if TYPE_CHECKING:
    from db.learning.claims import ClaimRecord


@feedback_app.command("list")
def feedback_list(
    as_json: Json = False,
    status: Annotated[
        Literal["waiting", "accepted", "rejected", "set_aside"], typer.Option(help="Which claims.")
    ] = "waiting",
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="At most so many.")] = 20,
    with_users: WithUsers = False,
) -> None:
    """What people said about answers.

    What waits for a review comes most informative first, what was decided newest first.
    """
    from db.learning.claims import ClaimStatus
    from db.photos.photo_store import open_photo_store
    from training.learning.feedback.listing import claim_json, claim_table

    settings, wanted = read_settings(), ClaimStatus(status)
    photo_of = open_photo_store(settings.photo_store).place

    async def read() -> "Sequence[ClaimRecord]":
        async with open_database(settings) as database, database.unit(read_only=True) as unit:
            if wanted is ClaimStatus.WAITING:
                return await unit.claims.waiting(limit)
            return await unit.claims.decided(wanted, limit)

    found = asyncio.run(read())
    if as_json:
        answer_json([claim_json(one, photo_of(one.photo_sha256), with_users=with_users) for one in found])
    elif not found:
        tell(
            "nothing waits for a review"
            if wanted is ClaimStatus.WAITING
            else f"nothing was {status.replace('_', ' ')} yet"
        )
    else:
        show(claim_table(found, photo_of, wanted))


@feedback_app.command("accept")
def feedback_accept(
    events: Events,
    breed: Annotated[
        str | None, typer.Option(metavar="SLUG", help="What it is, if not what the person said; or not_a_dog.")
    ] = None,
) -> None:
    """Let models learn from these claims.

    Claims by their numbers in `feedback list`. Exit code 1 if one of them cannot be decided; the others are.
    """
    _decide(events, "accepted", breed=breed)


@feedback_app.command("reject")
def feedback_reject(
    events: Events,
    reason: Annotated[str | None, typer.Option(metavar="TEXT", help="Why, in a line.")] = None,
) -> None:
    """Let no model learn from these claims.

    Exit code 1 if one of them cannot be decided; the others are.
    """
    _decide(events, "rejected", reason=reason)


@feedback_app.command("reopen")
def feedback_reopen(events: Events) -> None:
    """Take decisions back: these claims wait for a review again."""
    _decide(events, "reopened")


@feedback_app.command("set-aside")
def feedback_set_aside(
    events: Events,
    reason: Annotated[str, typer.Option(help="Why, in a line.")] = "set aside by hand",
) -> None:
    """Let accepted claims teach nothing any more, until they are restored."""
    _turn(events, "set aside", "was not accepted", reason)


@feedback_app.command("restore")
def feedback_restore(events: Events) -> None:
    """Accept again what was set aside, as it had been: you have looked, and the gate sets it aside no second time."""
    _turn(events, "restored", "was not set aside", None)


@feedback_app.command("export")
def feedback_export(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A new folder.", show_default=False)],
    kind: Annotated[
        Literal["csv", "folders", "label-studio"],
        typer.Option("--format", help="All claims; accepted photos by breed; what waits for a review."),
    ] = "csv",
    with_users: WithUsers = False,
) -> None:
    """Take feedback along in files.

    As a table of all claims, as a folder a breed that `train` and `evaluate` read, or as tasks for Label Studio.
    """
    from db.photos.photo_store import open_photo_store
    from training.learning.feedback.export import Exported, ExportFormat, export

    settings = read_settings()

    async def write() -> Exported:
        async with open_database(settings) as database:
            photos = open_photo_store(settings.photo_store)
            return await export(database, photos, folder, ExportFormat(kind), with_users=with_users)

    written = asyncio.run(write())
    for sha256, reason in written.left_out.items():
        tell(f"left out photo {sha256[:16]}: {reason}")
    what = {"csv": "claims", "folders": "photos", "label-studio": "tasks"}[kind]
    answer(f"{folder}: {written.count:,} {what}")


@feedback_app.command("trust")
def feedback_trust(
    as_json: Json = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be accepted.")] = False,
    limit: Annotated[int, typer.Option(min=0, help="Lines to show; --json has all.")] = 50,
) -> None:
    """Let the trust policy decide now about what waits for a review.

    It accepts what is plausible from people who are reliable, and says why in a line; the rest waits for a moderator.
    """
    found = asyncio.run(apply_policy(read_settings(), dry_run=dry_run))
    if as_json:
        answer_json(found.to_json())
        return
    if found.decisions and limit:
        show(found.to_table(limit))
    answer(found.summary)


def _turn(events: list[int], done: str, otherwise: str, reason: str | None) -> None:
    settings = read_settings()

    async def each() -> list[int]:
        async with open_database(settings) as database, database.unit() as unit:
            if reason is not None:
                return await unit.reviews.set_aside(events, reviewer="cli", reason=reason)
            return await unit.reviews.restore(events, reviewer="cli")

    turned = asyncio.run(each())
    for event_id in dict.fromkeys(events):
        answer(f"{event_id} {done}") if event_id in turned else tell(f"claim {event_id} {otherwise}")
    if len(turned) < len(set(events)):
        raise typer.Exit(FAILED)


def _decide(events: list[int], decision: str, *, breed: str | None = None, reason: str | None = None) -> None:
    """One by one, each for itself: what cannot be decided holds nothing else up."""
    from core.claim import Decision
    from db.errors import AlreadyDecided, BreedNeeded, DatabaseError, RowMissing
    from training.learning.feedback.decide import decide

    settings = read_settings()

    async def each() -> bool:
        refused = False
        async with open_database(settings) as database:
            for event_id in dict.fromkeys(events):
                refusal: DatabaseError | None
                try:
                    async with database.unit() as unit:
                        done = await decide(unit, event_id, Decision(decision), "cli", breed=breed, reason=reason)
                    refusal = AlreadyDecided(done.review) if done.again else None
                except (AlreadyDecided, BreedNeeded, RowMissing) as error:
                    refusal = error
                refused |= refusal is not None
                tell(str(refusal)) if refusal else answer(f"{event_id} {decision}")
        return refused

    if asyncio.run(each()):
        raise typer.Exit(FAILED)
