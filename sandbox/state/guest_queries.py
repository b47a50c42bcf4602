"""Guest mode: the bot is named in a chat that it is not in, and may answer there once.

https://core.telegram.org/bots/api#answerguestquery, https://core.telegram.org/api/bots/guest-mode. The bot is shown
that message, and the one that it replies to; what it may change later is its answer, by an id that is all it knows.
"""

from __future__ import annotations

import secrets

from sandbox.api.arguments import Arguments
from sandbox.api.errors import BadRequest
from sandbox.state.inline_queries import article
from sandbox.state.messages import Message
from sandbox.state.world import World

_KEPT_S = 86_400


def ask(world: World, message: Message) -> None:
    """Tell the bot of a message, if it names the bot or replies to it."""
    if not _is_for(world, message):
        return
    query_id = str(secrets.randbits(63))
    world.database.execute(
        "DELETE FROM guest_queries WHERE asked_at < ? AND answer_id IS NULL", world.clock() - _KEPT_S
    )
    world.database.execute(
        "INSERT INTO guest_queries VALUES (?, ?, ?, ?, NULL, NULL)",
        query_id,
        message.chat_id,
        message.message_id,
        world.clock(),
    )
    world.updates.add("guest_message", {**message.payload, "guest_query_id": query_id})


def answer(world: World, args: Arguments) -> str:
    """The bot's message, once and in time. Returns its inline_message_id. Raises BadRequest."""
    content = article(args.json("result"))["content"]
    row = world.database.row(
        "SELECT * FROM guest_queries WHERE query_id = ? AND answer_id IS NULL", args.text("guest_query_id")
    )
    if row is None or world.clock() - row["asked_at"] > world.limits.callback_expires_s:
        raise BadRequest("query is too old and response timeout expired or query ID is invalid")
    asked = world.messages.get(row["chat_id"], row["message_id"])
    if asked is None:
        raise BadRequest("message to be replied not found")
    around = {"reply_to_message": asked.without_reply(), "guest_bot_caller_user": asked.payload["from"]}
    inline_id = secrets.token_urlsafe(20)
    with world.database.transaction():
        said = world.post(row["chat_id"], world.bot_user, {**content, **around})
        world.database.execute(
            "UPDATE guest_queries SET inline_message_id = ?, answer_id = ? WHERE query_id = ?",
            inline_id,
            said.message_id,
            row["query_id"],
        )
    return inline_id


def answer_named(world: World, inline_id: str) -> Message:
    """The bot's answer with that inline_message_id. Raises BadRequest."""
    row = world.database.row("SELECT * FROM guest_queries WHERE inline_message_id = ?", inline_id)
    message = world.messages.get(row["chat_id"], row["answer_id"]) if row else None
    if message is None:
        raise BadRequest("MESSAGE_ID_INVALID")
    return message


def inline_message_id(world: World, message: Message) -> str | None:
    """Of an answer to a guest query; None: it is another message."""
    where = "SELECT inline_message_id FROM guest_queries WHERE chat_id = ? AND answer_id = ?"
    row = world.database.row(where, message.chat_id, message.message_id)
    return row["inline_message_id"] if row else None


def _is_for(world: World, message: Message) -> bool:
    said = message.payload.get("text") or message.payload.get("caption") or ""
    replied = message.payload.get("reply_to_message", {}).get("from", {})
    return f"@{world.bot_user['username']}" in said.lower() or replied.get("id") == world.bot_id
