"""`breedbot db`: the database's tables."""
# ruff: noqa: PLC0415 - commands import what they need when they run

import asyncio
from typing import Annotated

import typer

from breedbot.cli.app import Json, db_app
from breedbot.ops.terminal import answer, answer_json, progress
from breedbot.serve.open import read_settings
from breedbot.serve.private_folder import writing_privately


@db_app.command("upgrade")
def db_upgrade() -> None:
    """Make the tables, or bring them up to date.

    What is in them stays.
    """
    from db import migrate

    url = read_settings().database_url
    before = asyncio.run(migrate.current(url))
    with writing_privately():
        asyncio.run(migrate.upgrade(url))
    answer(f"{before or 'none'} → {migrate.head()}" if before != migrate.head() else f"{before} is up to date")


@db_app.command("current")
def db_current(as_json: Json = False) -> None:
    """Show the revision of the tables."""
    from db import migrate

    found, wanted = asyncio.run(migrate.current(read_settings().database_url)), migrate.head()
    if as_json:
        answer_json({"current": found, "head": wanted})
    else:
        answer(f"{found or 'none'} (this version expects {wanted})")


@db_app.command("copy")
def db_copy(
    target: Annotated[str, typer.Argument(metavar="URL", help="postgresql://…, an empty one.", show_default=False)],
    as_json: Json = False,
) -> None:
    """Copy everything to another database, and compare every row.

    From the one that is set now, which no bot may be using; then set BREEDBOT_DATABASE_URL to the copy. Photos and
    models stay where they are.
    """
    from breedbot.ops.copy_database import copied_to

    settings = read_settings()
    with progress("rows", 1.0) as step:
        copied = asyncio.run(copied_to(settings, target, step))
    if as_json:
        answer_json({"rows": copied.total, "tables": dict(copied.rows)})
    else:
        answer(f"{copied.total:,} rows copied, each compared; now set BREEDBOT_DATABASE_URL")
