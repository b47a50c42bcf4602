"""What the chat page talks to: its own files, the state of a chat, sending, pressing, live events, faults."""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from aiohttp import web

from sandbox.api.arguments import Arguments
from sandbox.api.errors import ApiError, UploadRefused
from sandbox.api.methods_bot import commands_for, described
from sandbox.api.request_body import read_arguments
from sandbox.faults import FaultRule
from sandbox.state import inline_queries, user_actions
from sandbox.state.events import Event
from sandbox.state.messages import Message
from sandbox.state.people import GROUPS, Persona
from sandbox.state.world import World

_PAGE = Path(__file__).parent / "page"
_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
_SHOWN_INLINE = {
    ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".png": "image/png", ".gif": "image/gif", ".webp": "image/webp",
    ".mp4": "video/mp4", ".webm": "video/webm", ".mp3": "audio/mpeg", ".ogg": "audio/ogg", ".oga": "audio/ogg",
}  # fmt: skip
_MESSAGES = 200
_EMOJI_CHARS = 8
_HEARTBEAT_S = 15
_INLINE_S = 5  # then nothing is shown, and the next letter asks again
_RULE_FIELDS = {field.name for field in fields(FaultRule)}


class PageRoutes:
    """Handlers for the application; errors are {"error": sentence} with status 400."""

    def __init__(self, world: World) -> None:
        self._world = world

    def add_to(self, app: web.Application) -> None:
        """Registers the paths."""
        app.router.add_get("/", self.index)
        app.router.add_get("/page/{name}", self.asset)
        app.router.add_get("/api/state", self.state)
        app.router.add_get("/api/events", self.events)
        app.router.add_get("/api/files/{file_id}", self.file)
        app.router.add_post("/api/messages", self.send)
        app.router.add_post("/api/edits", self.edit)
        app.router.add_post("/api/presses", self.press)
        app.router.add_post("/api/moderators", self.name_moderator)
        app.router.add_post("/api/reactions", self.react)
        app.router.add_post("/api/inline", self.ask_inline)
        app.router.add_post("/api/inline/choices", self.choose_inline)
        app.router.add_get("/api/faults", self.faults)
        app.router.add_post("/api/faults", self.add_fault)
        app.router.add_delete("/api/faults", self.clear_faults)
        app.router.add_delete("/api/faults/{id:\\d+}", self.remove_fault)

    async def index(self, _request: web.Request) -> web.StreamResponse:
        """The page itself."""
        return web.FileResponse(_PAGE / "index.html", headers={"Cache-Control": "no-cache"})

    async def asset(self, request: web.Request) -> web.StreamResponse:
        """Its style and scripts."""
        path = _PAGE / Path(request.match_info["name"]).name
        if path.suffix not in _TYPES or not path.is_file():
            raise web.HTTPNotFound
        return web.FileResponse(path, headers={"Cache-Control": "no-cache", "Content-Type": _TYPES[path.suffix]})

    async def state(self, request: web.Request) -> web.Response:
        """Everything the page needs to draw one chat of one person."""
        person = self._person(request.query.get("user", ""))
        chat_id = self._chat_id(request.query.get("chat", ""), person)
        world = self._world
        messages = [{"message": one.payload, "page": one.page} for one in world.messages.last(chat_id, _MESSAGES)]
        private = {"id": person.id, "key": "", "title": world.bot_user["first_name"], "has_bot": True}
        groups = [asdict(one) | {"has_bot": world.people.has_bot(one.id)} for one in GROUPS]
        state = {
            "bot": world.bot_user,
            "people": [one.to_user() for one in world.people],
            "me": person.to_user(),
            "moderators": self._moderators(),
            "chats": [one | {"last": self._last(one["id"])} for one in (private, *groups)],
            "chat_id": chat_id,
            "messages": messages,
            "description": described(world, "description", person.language_code),
            "commands": commands_for(world, person.language_code, chat_id),
        }
        return web.json_response(state)

    async def events(self, request: web.Request) -> web.StreamResponse:
        """Server-sent events; the first, "hello", tells the page to read the state."""
        person = self._person(request.query.get("user", ""))
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"})
        # A reset connection: the page was closed.
        with suppress(ConnectionResetError), self._world.events.subscribe(person.id) as subscriber:
            await response.prepare(request)
            await response.write(b'data: {"type": "hello"}\n\n')
            await self._send_events(subscriber.queue, response)
        return response

    async def _send_events(self, queue: asyncio.Queue[Event | None], response: web.StreamResponse) -> None:
        while True:
            try:
                event = await asyncio.wait_for(queue.get(), _HEARTBEAT_S)
            except TimeoutError:
                await response.write(b": still here\n\n")
                continue
            if event is None:
                return
            await response.write(f"data: {json.dumps(event)}\n\n".encode())

    async def file(self, request: web.Request) -> web.StreamResponse:
        """A file for the page; what a browser could run is offered for download only."""
        file = self._world.files.get(request.match_info["file_id"])
        if file is None:
            raise web.HTTPNotFound
        shown_as = _SHOWN_INLINE.get(Path(file.path).suffix)
        headers = {"Cache-Control": "private, max-age=31536000, immutable"}
        headers["Content-Type"] = shown_as or "application/octet-stream"
        if shown_as is None:
            headers["Content-Disposition"] = "attachment"
        return web.FileResponse(self._world.files.on_disk(file), headers=headers)

    async def send(self, request: web.Request) -> web.Response:
        """Text or files from a person; multipart."""
        args = Arguments()
        try:
            args = await read_arguments(request, self._world.files, self._world.limits.upload_bytes)
            return web.json_response({"message_ids": await self._send(args)})
        except ApiError as error:
            limit_mb = self._world.limits.upload_bytes // 2**20
            return _refusal(f"a file has at most {limit_mb} MB" if error.code == 413 else error.description)
        except UploadRefused as error:
            return _refusal(str(error))
        finally:
            args.discard_files()

    async def edit(self, request: web.Request) -> web.Response:
        """A person corrects a text or caption of their own."""
        person, message, body = await self._message(request)
        if message is None or message.sender_id != person.id:
            return _refusal("this message cannot be edited")
        try:
            user_actions.edit_text(self._world, message, str(body.get("text", "")))
        except UploadRefused as error:
            return _refusal(str(error))
        return web.json_response({"message_id": message.message_id})

    async def press(self, request: web.Request) -> web.Response:
        """A person presses the button with this callback_data."""
        person, message, body = await self._message(request)
        if message is None:
            return _refusal("this message is gone")
        return web.json_response(
            {"query_id": user_actions.press(self._world, person, message, str(body.get("data", "")))}
        )

    async def name_moderator(self, request: web.Request) -> web.Response:
        """A person becomes a moderator of the bot, or is none any more."""
        body = await _json_object(request)
        person = self._person(str(body.get("user", "")))
        self._world.people.set_moderator(person.id, moderator=bool(body.get("wanted")))
        return web.json_response(self._moderators())

    async def react(self, request: web.Request) -> web.Response:
        """A person puts this emoji on a message, or takes theirs away."""
        body = await _json_object(request)
        person = self._person(str(body.get("user", "")))
        chat_id = self._chat_id(str(body.get("chat", "")), person)
        message = self._world.messages.get(chat_id, int(body.get("message_id", 0)))
        if message is None:
            return _refusal("this message is gone")
        user_actions.react(self._world, person, message, str(body.get("emoji", ""))[:_EMOJI_CHARS])
        return web.json_response({})

    async def ask_inline(self, request: web.Request) -> web.Response:
        """What the bot offers for what a person has typed after its name."""
        body = await _json_object(request)
        person = self._person(str(body.get("user", "")))
        chat_id = self._chat_id(str(body.get("chat", "")), person)
        query_id = inline_queries.ask(self._world, person, chat_id, str(body.get("query", "")))
        try:
            answer = await asyncio.wait_for(inline_queries.wait_for_offer(self._world, query_id), _INLINE_S)
        except TimeoutError:
            return web.json_response({"query_id": query_id, "results": [], "button": None})
        return web.json_response({"query_id": query_id, **answer.to_page()})

    async def choose_inline(self, request: web.Request) -> web.Response:
        """A person sends one of the results."""
        body = await _json_object(request)
        person = self._person(str(body.get("user", "")))
        chat_id = self._chat_id(str(body.get("chat", "")), person)
        query_id, result_id = str(body.get("query_id", "")), str(body.get("result_id", ""))
        try:
            message = inline_queries.choose(self._world, person, chat_id, query_id, result_id)
        except LookupError as error:
            return _refusal(str(error))
        return web.json_response({"message_id": message.message_id})

    async def faults(self, _request: web.Request) -> web.Response:
        """The switchboard."""
        return web.json_response(self._world.faults.to_json())

    async def add_fault(self, request: web.Request) -> web.Response:
        """Body: the fields of FaultRule, or {"seed": n}."""
        body = await _json_object(request)
        try:
            if "seed" in body:
                self._world.faults.reseed(int(body.pop("seed")))
            if body:
                if unknown := body.keys() - _RULE_FIELDS:
                    return _refusal(f"unknown: {', '.join(sorted(unknown))}")
                self._world.faults.add(**body)
        except (TypeError, ValueError) as error:
            return _refusal(str(error))
        return await self.faults(request)

    async def clear_faults(self, request: web.Request) -> web.Response:
        """Switches all off."""
        self._world.faults.clear()
        return await self.faults(request)

    async def remove_fault(self, request: web.Request) -> web.Response:
        """Switches one off."""
        self._world.faults.remove(int(request.match_info["id"]))
        return await self.faults(request)

    async def _send(self, args: Arguments) -> list[int]:
        person = self._person(args.text("user"))
        chat_id = self._chat_id(args.text("chat"), person)
        reply_to = args.integer("reply_to") or None
        text = args.text("text")
        if not args.files:
            return [user_actions.send_text(self._world, person, chat_id, text, reply_to).message_id]
        as_file = args.boolean("as_file")
        uploads = list(args.files.values())
        sent = await user_actions.send_files(
            self._world, person, chat_id, uploads, caption=text, as_file=as_file, reply_to=reply_to
        )
        return [message.message_id for message in sent]

    async def _message(self, request: web.Request) -> tuple[Persona, Message | None, dict[str, Any]]:
        """Who asks, the message that the body names, if it is there, and the body."""
        body = await _json_object(request)
        person = self._person(str(body.get("user", "")))
        chat_id = self._chat_id(str(body.get("chat", "")), person)
        return person, self._world.messages.get(chat_id, int(body.get("message_id", 0))), body

    def _last(self, chat_id: int) -> dict[str, Any] | None:
        """The last message of a chat, for the list of chats."""
        last = self._world.messages.last(chat_id, 1)
        return last[0].payload if last else None

    def _moderators(self) -> dict[str, list[int]] | None:
        """None: the bot does not ask us."""
        listed = self._world.listed_moderators
        return listed and {"listed": sorted(listed()), "chosen": sorted(self._world.people.moderators)}

    def _person(self, name: str) -> Persona:
        try:
            return self._world.people.find(name or "alice")
        except LookupError as error:
            raise web.HTTPNotFound(text=str(error)) from None

    def _chat_id(self, name: str, person: Persona) -> int:
        """The person's own private chat unless the group is asked for: nobody sees somebody else's."""
        try:
            chat_id = self._world.people.chat_id(name) if name else person.id
        except LookupError as error:
            raise web.HTTPNotFound(text=str(error)) from None
        return chat_id if person.id in self._world.people.members(chat_id) else person.id


def _refusal(sentence: str) -> web.Response:
    return web.json_response({"error": sentence}, status=400)


async def _json_object(request: web.Request) -> dict[str, Any]:
    try:
        body = await request.json()
    except ValueError:
        raise web.HTTPBadRequest(text="a JSON object is expected") from None
    if not isinstance(body, dict):
        raise web.HTTPBadRequest(text="a JSON object is expected")
    return body
