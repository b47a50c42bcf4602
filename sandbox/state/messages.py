"""The messages of all chats, as Bot API objects, oldest pruned first."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass, field
from typing import Any

from sandbox.state.database import Database


@dataclass(slots=True)
class Message:
    """`payload` is the Bot API `Message`; `page` holds what only the page shows: reactions, force_reply."""

    payload: dict[str, Any]
    page: dict[str, Any] = field(default_factory=dict)
    serial: int = 0

    @property
    def chat_id(self) -> int:
        """Negative for groups."""
        chat_id: int = self.payload["chat"]["id"]
        return chat_id

    @property
    def message_id(self) -> int:
        """Unique within the chat only: two private chats have the same numbers, as supergroups do in Telegram."""
        message_id: int = self.payload["message_id"]
        return message_id

    @property
    def sender_id(self) -> int:
        """The bot's or a persona's id."""
        sender_id: int = self.payload["from"]["id"]
        return sender_id

    def without_reply(self) -> dict[str, Any]:
        """As Telegram nests it in a reply: one level only."""
        return {key: value for key, value in self.payload.items() if key != "reply_to_message"}


class Messages:
    """Keeps messages; deleted ones are hidden but keep their files until pruned, as Telegram does for a while."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def next_id(self, chat_id: int) -> int:
        """The next message_id of the chat."""
        return self._database.next_number(f"message_id/{chat_id}")

    def add(self, message: Message) -> None:
        """Stores a new message and gives it its serial."""
        cursor = self._database.execute(
            "INSERT INTO messages (chat_id, message_id, payload, page) VALUES (?, ?, ?, ?)",
            message.chat_id,
            message.message_id,
            json.dumps(message.payload),
            json.dumps(message.page),
        )
        message.serial = cursor.lastrowid or 0

    def change(self, message: Message) -> None:
        """Stores an edited message."""
        self._database.execute(
            "UPDATE messages SET payload = ?, page = ? WHERE serial = ?",
            json.dumps(message.payload),
            json.dumps(message.page),
            message.serial,
        )

    def delete(self, message: Message) -> None:
        """Hides the message."""
        self._database.execute("UPDATE messages SET deleted = 1 WHERE serial = ?", message.serial)

    def get(self, chat_id: int, message_id: int) -> Message | None:
        """None when it never was or is deleted."""
        row = self._database.row(
            "SELECT * FROM messages WHERE chat_id = ? AND message_id = ? AND NOT deleted", chat_id, message_id
        )
        return None if row is None else _message(row)

    def by_serial(self, serial: int) -> Message | None:
        """Also a deleted one."""
        row = self._database.row("SELECT * FROM messages WHERE serial = ?", serial)
        return None if row is None else _message(row)

    def last(self, chat_id: int, limit: int) -> list[Message]:
        """The newest `limit` messages, oldest first."""
        rows = self._database.rows(
            "SELECT * FROM messages WHERE chat_id = ? AND NOT deleted ORDER BY serial DESC LIMIT ?", chat_id, limit
        )
        return [_message(row) for row in reversed(rows)]

    def prune(self, keep: int) -> int:
        """Forgets all but the newest `keep` messages; returns the serial below which nothing is left."""
        row = self._database.row("SELECT serial FROM messages ORDER BY serial DESC LIMIT 1 OFFSET ?", keep - 1)
        if row is None:
            return 0
        self._database.execute("DELETE FROM messages WHERE serial < ?", row["serial"])
        return int(row["serial"])


def _message(row: sqlite3.Row) -> Message:
    return Message(json.loads(row["payload"]), json.loads(row["page"]), row["serial"])
