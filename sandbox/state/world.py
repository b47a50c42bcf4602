"""Everything the local chat knows, and the few ways in which it changes: post, edit, delete, ask, answer.

Both sides use it: the Bot API methods for the bot, user_actions.py for the people.
"""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sandbox.api.errors import BadRequest, Forbidden
from sandbox.faults import Faults
from sandbox.state.database import Database
from sandbox.state.events import Events
from sandbox.state.files import Files
from sandbox.state.media import Media, MediaMaker
from sandbox.state.messages import Message, Messages
from sandbox.state.people import People
from sandbox.state.updates import Updates

_PRUNE_EVERY = 100


@dataclass(frozen=True, slots=True)
class CallbackAnswer:
    """What the bot said to a pressed button; all empty when it only acknowledged."""

    text: str = ""
    show_alert: bool = False
    url: str = ""


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of the local chat; the defaults are Telegram's where Telegram has one.

    Sources: https://core.telegram.org/bots/api#getfile, #sendmessage, #sendphoto.
    """

    upload_bytes: int = 50 * 2**20
    bot_photo_bytes: int = 10 * 2**20
    download_bytes: int = 20 * 2**20
    text_chars: int = 4096
    caption_chars: int = 1024
    album_items: int = 10
    files_per_request: int = 30
    callback_expires_s: float = 30.0
    kept_messages: int = 20_000
    kept_bytes: int = 4 * 2**30
    webhook_timeout_s: float = 60.0
    webhook_first_retry_s: float = 0.5
    webhook_last_retry_s: float = 60.0


@dataclass(slots=True)
class World:
    """The state of one local chat; all of it lives in `database` and the files beside it."""

    database: Database
    token: str
    files: Files
    faults: Faults
    limits: Limits
    clock: Callable[[], float] = time.time
    listed_moderators: Callable[[], frozenset[int]] | None = None  # None: the bot does not ask us who moderates
    events: Events = field(default_factory=Events)
    people: People = field(init=False)
    messages: Messages = field(init=False)
    updates: Updates = field(init=False)
    media: MediaMaker = field(init=False)

    def __post_init__(self) -> None:
        self.people = People(self.database)
        self.messages = Messages(self.database)
        self.updates = Updates(self.database)
        self.media = MediaMaker(self.files)

    @classmethod
    def open(cls, state_dir: Path, token: str | None, faults: Faults, limits: Limits) -> World:
        """Opens or creates the state; the token is made once and kept."""
        database = Database(state_dir / "localchat.sqlite3")
        token = (
            token or database.value("token", None) or f"{secrets.randbelow(10**9) + 10**9}:{secrets.token_urlsafe(26)}"
        )
        database.set_value("token", token)
        return cls(database, token, Files(database, state_dir / "files"), faults, limits)

    @property
    def bot_id(self) -> int:
        """The number before the colon of the token, as in Telegram."""
        return int(self.token.partition(":")[0])

    @property
    def bot_user(self) -> dict[str, Any]:
        """Bot API `User`."""
        return {"id": self.bot_id, "is_bot": True, "first_name": "breedbot", "username": "breedbot_local_bot"}

    def now(self) -> int:
        """Unix seconds, as Bot API dates are."""
        return int(self.clock())

    def post(
        self, chat_id: int, sender: dict[str, Any], content: dict[str, Any], media: Media | None = None
    ) -> Message:
        """A new message in the chat, stored and shown; join it with its update in a transaction.

        Raises BadRequest "chat not found".
        """
        chat = self.people.chat(chat_id)
        page = content.pop("page", {})
        with self.database.transaction():
            message_id = self.messages.next_id(chat_id)
            payload = {"message_id": message_id, "from": sender, "chat": chat, "date": self.now(), **content}
            message = Message(payload | (media.fields if media else {}), page)
            self.messages.add(message)
            self.files.use(media.file_ids if media else [], message.serial)
            if message.serial % _PRUNE_EVERY == 0:
                self._prune()
        self._tell("message", message)
        return message

    def post_from_bot(self, chat_id: int, content: dict[str, Any], media: Media | None = None) -> Message:
        """As `post`. Raises Forbidden when the person has blocked the bot."""
        self.check_open(chat_id)
        return self.post(chat_id, self.bot_user, content, media)

    def check_open(self, chat_id: int) -> None:
        """Raises BadRequest "chat not found", Forbidden "bot was blocked by the user" or "bot is not a member"."""
        self.people.chat(chat_id)
        if not self.people.has_bot(chat_id):
            raise Forbidden("bot is not a member of the supergroup chat")
        if self.people.has_blocked(chat_id):
            raise Forbidden("bot was blocked by the user")

    def edit(self, message: Message, media: Media | None = None) -> None:
        """Stores and shows a changed message."""
        with self.database.transaction():
            self.messages.change(message)
            self.files.use(media.file_ids if media else [], message.serial)
        self._tell("message", message)

    def delete(self, message: Message) -> None:
        """The message disappears from the chat."""
        self.messages.delete(message)
        event = {"type": "deleted", "chat_id": message.chat_id, "message_id": message.message_id}
        self.events.publish(event, self.people.members(message.chat_id))

    def ask(self, user_id: int, message: Message) -> str:
        """Opens a callback query; returns its id."""
        query_id = str(secrets.randbits(63))
        with self.database.transaction():
            self.database.execute("DELETE FROM queries WHERE asked_at < ?", self.clock() - 86_400)
            self.database.execute(
                "INSERT INTO queries VALUES (?, ?, ?, ?, ?, NULL)",
                query_id,
                user_id,
                message.chat_id,
                message.message_id,
                self.clock(),
            )
        return query_id

    def answer(self, query_id: str, answer: CallbackAnswer) -> None:
        """Closes a callback query, once and in time. Raises BadRequest."""
        row = self.database.row("SELECT * FROM queries WHERE query_id = ? AND answer IS NULL", query_id)
        if row is None or self.clock() - row["asked_at"] > self.limits.callback_expires_s:
            raise BadRequest("query is too old and response timeout expired or query ID is invalid")
        said = {"text": answer.text, "show_alert": answer.show_alert, "url": answer.url}
        self.database.execute("UPDATE queries SET answer = ? WHERE query_id = ?", json.dumps(said), query_id)
        where = {"chat_id": row["chat_id"], "message_id": row["message_id"]}
        self.events.publish({"type": "answer", "query_id": query_id, **where, **said}, {row["user_id"]})
        self.events.answered(query_id)

    def answered(self, query_id: str) -> CallbackAnswer | None:
        """What the bot has answered so far."""
        row = self.database.row("SELECT answer FROM queries WHERE query_id = ?", query_id)
        return CallbackAnswer(**json.loads(row["answer"])) if row and row["answer"] else None

    async def wait_for_answer(self, query_id: str) -> CallbackAnswer:
        """What the bot answers, now or later."""
        while (answer := self.answered(query_id)) is None:
            await self.events.wait_for_answer(query_id)
        return answer

    def _tell(self, kind: str, message: Message) -> None:
        event = {"type": kind, "message": message.payload, "page": message.page}
        self.events.publish(event, self.people.members(message.chat_id))
        self.events.message_changed(message)

    def _prune(self) -> None:
        keep = self.limits.kept_messages
        if self.files.total_bytes() > self.limits.kept_bytes:
            row = self.database.row("SELECT COUNT(*) AS n FROM messages")
            keep = min(keep, (row["n"] if row else 0) // 2 + 1)
        self.files.prune(self.messages.prune(keep))
