"""Methods about the bot itself and its files: getMe, commands, getFile, logOut, close."""

from __future__ import annotations

import re
from typing import Any

from sandbox.api.arguments import Arguments
from sandbox.api.errors import BadRequest
from sandbox.state.world import World

_COMMAND = re.compile(r"[a-z0-9_]{1,32}")
_COMMANDS = 100
_COMMAND_CHARS = 256
_DESCRIPTION_CHARS = 512
_SHORT_DESCRIPTION_CHARS = 120
_LANGUAGE_LETTERS = 2  # of "pt-br": commands and descriptions are set by ISO 639-1


async def get_me(world: World, _args: Arguments) -> dict[str, Any]:
    """https://core.telegram.org/bots/api#getme. The bot sees all group messages, so that groups can be tried."""
    return world.bot_user | {
        "can_join_groups": True,
        "can_read_all_group_messages": True,
        "supports_inline_queries": True,
        "supports_guest_queries": True,
        "can_connect_to_business": False,
        "has_main_web_app": False,
    }


async def get_file(world: World, args: Arguments) -> dict[str, Any]:
    """https://core.telegram.org/bots/api#getfile."""
    file = world.files.get(args.text("file_id"))
    if file is None:
        raise BadRequest("wrong file_id or the file is temporarily unavailable")
    if file.size_bytes > world.limits.download_bytes:
        raise BadRequest("file is too big")
    return {**file.fields(), "file_path": str(world.files.on_disk(file).resolve()) if world.files.local else file.path}


async def set_my_commands(world: World, args: Arguments) -> bool:
    """https://core.telegram.org/bots/api#setmycommands."""
    commands = args.json("commands")
    if not isinstance(commands, list) or len(commands) > _COMMANDS:
        raise BadRequest("can't parse commands: an array of at most 100 BotCommand is expected")
    checked = [_command(one) for one in commands]
    saved = world.database.value("commands", {})
    saved[_scope(args)] = checked
    world.database.set_value("commands", saved)
    world.events.publish({"type": "commands"})
    return True


async def get_my_commands(world: World, args: Arguments) -> list[dict[str, str]]:
    """https://core.telegram.org/bots/api#getmycommands: exactly what was set for this scope and language."""
    commands: list[dict[str, str]] = world.database.value("commands", {}).get(_scope(args), [])
    return commands


async def delete_my_commands(world: World, args: Arguments) -> bool:
    """https://core.telegram.org/bots/api#deletemycommands."""
    saved = world.database.value("commands", {})
    saved.pop(_scope(args), None)
    world.database.set_value("commands", saved)
    world.events.publish({"type": "commands"})
    return True


async def set_my_description(world: World, args: Arguments) -> bool:
    """https://core.telegram.org/bots/api#setmydescription."""
    return _describe(world, args, "description", _DESCRIPTION_CHARS)


async def get_my_description(world: World, args: Arguments) -> dict[str, str]:
    """https://core.telegram.org/bots/api#getmydescription: that of a language without one is the general one."""
    return {"description": described(world, "description", args.text("language_code"))}


async def set_my_short_description(world: World, args: Arguments) -> bool:
    """https://core.telegram.org/bots/api#setmyshortdescription."""
    return _describe(world, args, "short_description", _SHORT_DESCRIPTION_CHARS)


async def get_my_short_description(world: World, args: Arguments) -> dict[str, str]:
    """https://core.telegram.org/bots/api#getmyshortdescription."""
    return {"short_description": described(world, "short_description", args.text("language_code"))}


async def just_true(_world: World, _args: Arguments) -> bool:
    """Methods with nothing to do here."""
    return True


def described(world: World, what: str, language: str) -> str:
    """The description, or the short one, for apps in a language; empty: there is none."""
    saved: dict[str, str] = world.database.value(what, {})
    return saved.get(language[:_LANGUAGE_LETTERS]) or saved.get("", "")


def commands_for(world: World, language: str, chat_id: int) -> list[dict[str, str]]:
    """What a person's app shows: https://core.telegram.org/bots/api#determining-list-of-commands."""
    saved: dict[str, list[dict[str, str]]] = world.database.value("commands", {})
    for scope in (f"chat:{chat_id}", "all_group_chats" if chat_id < 0 else "all_private_chats", "default"):
        for code in (language[:_LANGUAGE_LETTERS], ""):
            if f"{scope}/{code}" in saved:
                return saved[f"{scope}/{code}"]
    return []


def _describe(world: World, args: Arguments, what: str, limit_chars: int) -> bool:
    text = args.text(what)
    if len(text) > limit_chars:
        raise BadRequest(f"{what} is too long")
    world.database.set_value(what, world.database.value(what, {}) | {args.text("language_code"): text})
    return True


def _scope(args: Arguments) -> str:
    scope = args.json_object("scope")
    kind = str(scope.get("type", "default"))
    where = f"{kind}:{Arguments(scope).chat_id()}" if kind == "chat" else kind
    return f"{where}/{args.text('language_code')}"


def _command(one: Any) -> dict[str, str]:
    if not isinstance(one, dict):
        raise BadRequest("can't parse BotCommand: expected an Object")
    name, description = str(one.get("command", "")).removeprefix("/"), str(one.get("description", ""))
    if not _COMMAND.fullmatch(name):
        raise BadRequest("BOT_COMMAND_INVALID")
    if not 1 <= len(description) <= _COMMAND_CHARS:
        raise BadRequest("BOT_COMMAND_DESCRIPTION_INVALID")
    return {"command": name, "description": description}
