"""`breedbot api`: who may use the HTTP API."""
# ruff: noqa: PLC0415 - commands import what they need when they run

import asyncio
import re
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from breedbot.cli.app import Json, api_app
from breedbot.ops.terminal import CommandFailed, answer, answer_json, tell
from breedbot.serve.open import open_database, read_settings

if TYPE_CHECKING:
    from db.admin.api_tokens import ApiToken, ApiTokens

NAME = re.compile(r"[\w.@ -]{1,64}")


@api_app.command("token")
def api_token(
    name: Annotated[str, typer.Option("--name", metavar="NAME", help="Whose it is; default: a number.")] = "",
    as_json: Json = False,
) -> None:
    """Make a token, and show it: this once.

    Only its hash is stored. The API is there where BREEDBOT_API=on.
    """
    from bot.api.tokens import new_token, token_hash

    if name and not NAME.fullmatch(name):
        raise CommandFailed(f"--name {name!r}: up to 64 letters, digits, spaces and . _ @ -")
    token = new_token()

    async def make(tokens: "ApiTokens") -> str:
        known = {one.name for one in await tokens.list()}
        chosen = name or next(str(number) for number in range(1, len(known) + 2) if str(number) not in known)
        if not await tokens.add(token_hash(token), chosen):
            raise CommandFailed(f"there is a token called {name!r} already: `breedbot api revoke`, or another name")
        return chosen

    made = _with_tokens(make)
    if as_json:
        answer_json({"name": made, "token": token})
    else:
        answer(token)
        tell(f"token {made!r}: keep it, it is not shown again")
    if not read_settings().api:
        tell("the API is off: set BREEDBOT_API=on and start the bot anew")


@api_app.command("list")
def api_list(as_json: Json = False) -> None:
    """Whose tokens there are, and since when."""

    async def all_of(tokens: "ApiTokens") -> "list[ApiToken]":
        return await tokens.list()

    found = _with_tokens(all_of)
    if as_json:
        answer_json([{"name": one.name, "created_at": one.created_at.isoformat()} for one in found])
    elif not found:
        tell("there are no tokens; `breedbot api token` makes one")
    for one in () if as_json else found:
        answer(f"{one.name}  since {one.created_at:%Y-%m-%d %H:%M} UTC")


@api_app.command("revoke")
def api_revoke(name: Annotated[str, typer.Argument(metavar="NAME", show_default=False)]) -> None:
    """Take a token back: from now on it opens nothing."""

    async def revoke(tokens: "ApiTokens") -> bool:
        return await tokens.revoke(name)

    if not _with_tokens(revoke):
        raise CommandFailed(f"there is no token called {name!r}; `breedbot api list` names them")
    answer(f"{name}: revoked")


def _with_tokens(do: "Callable[[ApiTokens], Awaitable[Any]]") -> Any:
    async def go() -> Any:
        async with open_database(read_settings()) as database, database.unit() as unit:
            return await do(unit.api_tokens)

    return asyncio.run(go())
