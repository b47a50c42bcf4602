"""`breedbot queue`: what waits, in the database and between processes."""
# ruff: noqa: PLC0415 - commands import what they need when they run

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

import typer

from breedbot.cli.app import DeadJobs, Every, Json, queue_app
from breedbot.ops.terminal import FAILED, CommandFailed, answer, answer_json, show, tell
from breedbot.serve.open import open_database, open_link, read_settings

if TYPE_CHECKING:
    from rich.table import Table

    from breedbot.ops.settings import Configuration
    from db.admin.waiting import StageStatus
    from inference.queue.nats.connection import NatsLink
    from inference.queue.nats.dead_letters import DeadLetter
    from inference.queue.nats.jobs import Look


@queue_app.command("status")
def queue_status(as_json: Json = False) -> None:
    """What waits in each stage, what failed, why, and when it is tried next; with NATS, the photos there, too."""
    from db.url import database_url, place
    from inference.queue.nats.jobs import look_table, whole_look
    from inference.queue.protocol import is_shared

    settings = read_settings()

    async def see() -> "tuple[list[StageStatus], Look | None]":
        stages = await _stages(settings)
        if not is_shared(settings.queue_url):
            return stages, None
        async with open_link(settings) as link:
            return stages, await whole_look(link)

    stages, line = asyncio.run(see())
    if as_json:
        answer_json({"stages": [one.to_json() for one in stages]} | (line.to_json() if line is not None else {}))
        return
    if stages:
        show(_stage_table(stages))
    elif line is None:
        tell(f"nothing waits: there is no database at {place(database_url(settings.database_url))} yet")
    if line is not None:
        show(look_table(line))


async def _stages(settings: "Configuration") -> "list[StageStatus]":
    """None where there is no database, as on a machine that has workers only."""
    from db import migrate

    if await migrate.current(settings.database_url) is None:
        return []
    async with open_database(settings) as database, database.unit(read_only=True) as unit:
        return await unit.waiting.stages()


def _stage_table(stages: "list[StageStatus]") -> "Table":
    from rich.table import Table

    table = Table("stage", "waits", "due now", "failed", "next try", "why", box=None)
    for one in stages:
        when = f"{one.next_try_at:%Y-%m-%d %H:%M:%S} UTC" if one.next_try_at else ""
        table.add_row(one.stage, str(one.waiting), str(one.due), str(one.failed), when, one.error or "")
    return table


@queue_app.command("dead")
def queue_dead(as_json: Json = False) -> None:
    """Photos that were given up, and why."""
    from inference.queue.nats.dead_letters import dead_letter_table, dead_letters

    async def read() -> "list[DeadLetter]":
        async with open_link(read_settings()) as link:
            return [letter async for letter in dead_letters(link)]

    letters = asyncio.run(read())
    if as_json:
        answer_json([letter.to_json() for letter in letters])
    elif not letters:
        tell("no photo was given up")
    else:
        show(dead_letter_table(letters))


@queue_app.command("replay")
def queue_replay(jobs: DeadJobs = None, every: Every = False) -> None:
    """Have photos that were given up looked at again.

    Exit code 1 if one of them cannot be; the others are.
    """
    from inference.queue.nats.dead_letters import replay

    _with_dead(jobs, replay, "waits again", every=every)


@queue_app.command("drop")
def queue_drop(jobs: DeadJobs = None, every: Every = False) -> None:
    """Forget about photos that were given up."""
    from inference.queue.nats.dead_letters import drop

    _with_dead(jobs, drop, "dropped", every=every)


def _with_dead(
    jobs: list[str] | None,
    do: "Callable[[NatsLink, DeadLetter], Awaitable[None]]",
    done: str,
    *,
    every: bool,
) -> None:
    from inference.queue.nats.dead_letters import dead_letters
    from inference.queue.protocol import BadMessage, QueueFull

    if bool(jobs) == every:
        raise CommandFailed("name photos by their ids in `breedbot queue dead`, or say --all")

    async def each() -> bool:
        failed = False
        async with open_link(read_settings()) as link:
            letters = {letter.name: letter async for letter in dead_letters(link)}
            for name in jobs or letters:
                failed |= name not in letters
                if name not in letters:
                    tell(f"{name}: was not given up")
                    continue
                try:
                    await do(link, letters[name])
                except (BadMessage, QueueFull) as error:
                    tell(str(error))
                    failed = True
                else:
                    answer(f"{name} {done}")
        return failed

    if asyncio.run(each()):
        raise typer.Exit(FAILED)
