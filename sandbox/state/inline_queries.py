"""Inline mode: what a person types after the bot's name, what the bot offers, and which of it they send.

https://core.telegram.org/bots/api#inline-mode. Results are articles that send a text; that is what this bot offers.
"""

from __future__ import annotations

import json
import re
import secrets
from dataclasses import dataclass
from typing import Any

from sandbox.api.arguments import Arguments
from sandbox.api.errors import BadRequest
from sandbox.api.formatting import formatted, inline_keyboard
from sandbox.state.messages import Message
from sandbox.state.people import Persona
from sandbox.state.world import World

_RESULTS = 50
_ID_BYTES = 64
_QUERY_CHARS = 256
_START = re.compile(r"[A-Za-z0-9_-]{1,64}")
_KEPT_S = 3600


@dataclass(frozen=True, slots=True)
class InlineAnswer:
    """What the bot offers.

    Attributes:
        results: each with id, title, description and the content to send.
        button: above them: {"text", "start_parameter"}; None = there is none.
    """

    results: list[dict[str, Any]]
    button: dict[str, str] | None = None

    def to_page(self) -> dict[str, Any]:
        """For the list over the message field."""
        shown = [{key: one[key] for key in ("id", "title", "description")} for one in self.results]
        return {"results": shown, "button": self.button}


def ask(world: World, person: Persona, chat_id: int, query: str) -> str:
    """The person has typed so far. Returns the query's id."""
    query_id = str(secrets.randbits(63))
    kind = "sender" if chat_id == person.id else world.people.chat(chat_id)["type"]
    with world.database.transaction():
        world.database.execute("DELETE FROM inline_queries WHERE asked_at < ?", world.clock() - _KEPT_S)
        world.database.execute("INSERT INTO inline_queries VALUES (?, ?, ?, NULL)", query_id, person.id, world.clock())
        asked = {"id": query_id, "from": person.to_user(), "query": query[:_QUERY_CHARS], "offset": ""}
        world.updates.add("inline_query", {**asked, "chat_type": kind})
    return query_id


def offer(world: World, args: Arguments) -> None:
    """The bot's answer, once and in time. Raises BadRequest."""
    answer = {"results": _results(args), "button": _door(args)}
    row = world.database.row(
        "SELECT * FROM inline_queries WHERE query_id = ? AND answer IS NULL", args.text("inline_query_id")
    )
    if row is None or world.clock() - row["asked_at"] > world.limits.callback_expires_s:
        raise BadRequest("query is too old and response timeout expired or query ID is invalid")
    world.database.execute(
        "UPDATE inline_queries SET answer = ? WHERE query_id = ?", json.dumps(answer), row["query_id"]
    )
    world.events.answered(row["query_id"])


def offered(world: World, query_id: str) -> InlineAnswer | None:
    """What the bot has answered so far."""
    row = world.database.row("SELECT answer FROM inline_queries WHERE query_id = ?", query_id)
    return InlineAnswer(**json.loads(row["answer"])) if row and row["answer"] else None


async def wait_for_offer(world: World, query_id: str) -> InlineAnswer:
    """What the bot answers, now or later."""
    while (answer := offered(world, query_id)) is None:
        await world.events.wait_for_answer(query_id)
    return answer


def choose(world: World, person: Persona, chat_id: int, query_id: str, result_id: str) -> Message:
    """The person sends a result: their message, "via" the bot. Raises LookupError where it was not offered to them."""
    row = world.database.row("SELECT user_id FROM inline_queries WHERE query_id = ?", query_id)
    answer = offered(world, query_id)
    found = [one for one in (answer.results if answer else []) if one["id"] == result_id]
    if row is None or row["user_id"] != person.id or not found:
        raise LookupError(f"result {result_id!r} was not offered")
    if person.id not in world.people.members(chat_id):
        raise LookupError(f"{person.first_name} is not in chat {chat_id}")
    with world.database.transaction():
        message = world.post(chat_id, person.to_user(), {**found[0]["content"], "via_bot": world.bot_user})
        if world.people.has_bot(chat_id):
            world.updates.add("message", message.payload)
    return message


def _results(args: Arguments) -> list[dict[str, Any]]:
    results = args.json("results")
    if not isinstance(results, list) or len(results) > _RESULTS:
        raise BadRequest("can't parse inline query results: an array of at most 50 is expected")
    checked = [article(one) for one in results]
    if len({one["id"] for one in checked}) < len(checked):
        raise BadRequest("RESULT_ID_DUPLICATE")
    return checked


def article(one: Any) -> dict[str, Any]:
    """An InlineQueryResultArticle, checked. Raises BadRequest."""
    if not isinstance(one, dict) or one.get("type") != "article":
        raise BadRequest("can't parse inline query result: only articles are known here")
    result_id, title = str(one.get("id", "")), str(one.get("title", ""))
    if not 1 <= len(result_id.encode()) <= _ID_BYTES:
        raise BadRequest("RESULT_ID_INVALID")
    if not title.strip():
        raise BadRequest('can\'t parse inline query result: field "title" must be non-empty')
    content = one.get("input_message_content")
    if not isinstance(content, dict):
        raise BadRequest("can't parse inline query result: input_message_content is expected")
    keyboard = inline_keyboard(Arguments(one))
    said = _text(content) | ({"reply_markup": keyboard} if keyboard else {})
    return {"id": result_id, "title": title, "description": str(one.get("description", "")), "content": said}


def _text(content: dict[str, Any]) -> dict[str, Any]:
    text, entities = formatted({**content, "text": content.get("message_text")}, "text", "entities")
    if not text:
        raise BadRequest("message text is empty")
    return {"text": text, "entities": entities} if entities else {"text": text}


def _door(args: Arguments) -> dict[str, str] | None:
    button = args.json_object("button")
    if not button:
        return None
    text, start = str(button.get("text", "")), str(button.get("start_parameter", ""))
    if not text.strip() or not _START.fullmatch(start):
        raise BadRequest("START_PARAM_INVALID")
    return {"text": text, "start_parameter": start}
