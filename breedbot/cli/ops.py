"""What a host does: `breedbot doctor`, `backup`, `restore`, `db`, `forget` and `retention confirm`."""
# ruff: noqa: PLC0415 - commands import what they need when they run

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from breedbot.cli.app import Json, app, db_app, retention_app
from breedbot.ops.terminal import FAILED, CommandFailed, answer, answer_json, progress, show, tell
from breedbot.serve.open import open_database, open_store, read_settings
from breedbot.serve.private_folder import writing_privately

if TYPE_CHECKING:
    from db.chat.chat_records import Holdings


@app.command()
def doctor(as_json: Json = False) -> None:
    """Check everything that the bot needs.

    Says what to do about what is not well; exit code 1 if something must be done.
    """
    from breedbot.ops.doctor import bot_findings
    from breedbot.ops.doctor_model import Level, finding_table, inference_findings
    from breedbot.ops.doctor_rooms import rooms_finding

    settings = read_settings()
    model = inference_findings(open_store(settings), settings.engine)
    found = [rooms_finding(), *model, *asyncio.run(bot_findings(settings))]
    if as_json:
        answer_json([one.to_json() for one in found])
    else:
        show(finding_table(found))
    if any(one.level is Level.FAIL for one in found):
        raise typer.Exit(FAILED)


@app.command()
def backup(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="New, or an older backup.", show_default=False)],
    as_json: Json = False,
) -> None:
    """Copy everything into a folder, while the bot goes on.

    Database, photos, models and own breeds; an older backup there is brought up to date. It holds photos and ids of
    people: keep it as safe as the bot's own data.
    """
    from breedbot.ops.backup import back_up

    settings = read_settings()
    with progress("photos", 1.0) as step, writing_privately():
        done = asyncio.run(back_up(settings, open_store(settings), folder, step))
    if as_json:
        answer_json(done.to_json())
    else:
        answer(f"{folder}: {done.text}")
    if done.missing_photos:
        tell(f"{done.missing_photos:,} photos that the database names are not in the photo store")


@app.command()
def restore(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="What `backup` wrote.", show_default=False)],
    as_json: Json = False,
) -> None:
    """Make an installation out of a backup.

    Photos, models and the database go where the settings say; nothing that is there is overwritten.
    """
    from breedbot.ops.restore import restore as restored

    settings = read_settings()
    with progress("photos", 1.0) as step, writing_privately():
        done = asyncio.run(restored(settings, open_store(settings), folder, step))
    if as_json:
        answer_json(done.to_json())
    else:
        answer(f"{done.text} of {done.created_at} are back")


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


@app.command()
def forget(
    user_id: Annotated[int, typer.Argument(metavar="USER_ID", help="Their Telegram id.", show_default=False)],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Delete all that is stored of a person.

    Photos, answers and what they said; models made from now on learn nothing from them. Exit code 1 for a stranger.
    """
    from bot.conversation.privacy.forget import forget_person
    from db.photos.photo_store import open_photo_store

    settings = read_settings()

    async def held() -> "Holdings | None":
        async with open_database(settings) as database, database.unit(read_only=True) as unit:
            return await unit.users.holdings(user_id)

    async def go() -> "Holdings | None":
        async with open_database(settings) as database:
            return await forget_person(database, open_photo_store(settings.photo_store), user_id)

    found = asyncio.run(held())
    if found is None:
        raise CommandFailed(f"nothing is stored of a person with the id {user_id}")
    if not yes and not _agreed(f"delete {found.text} of user {user_id}, for good?"):
        raise CommandFailed("nothing was deleted; --yes deletes without asking")
    gone = asyncio.run(go()) or found
    answer(f"deleted of user {user_id}: {gone.text}; the next model is made without them")


@retention_app.command("confirm")
def retention_confirm(as_json: Json = False) -> None:
    """Allow once what the bot did not erase by age because it was implausible.

    A clock that is far ahead, or more than a tenth of all photos at once; see the log. A running bot follows.
    """
    from db.privacy.retention_guard import FILE, confirm

    held = confirm(read_settings().data_dir / FILE)
    if as_json:
        answer_json({"confirmed": held is not None, "held": held})
    elif held is None:
        answer("nothing is held back")
    else:
        answer(f"allowed once, within five minutes where a bot runs: {held}")


def _agreed(question: str) -> bool:
    """Ask on stderr; whoever cannot answer, such as a script, has not agreed."""
    tell(f"{question} [y/N]")
    return sys.stdin.readline().strip().lower() in {"y", "yes"}
