"""A message as a test sees it: who wrote it, its kind, text and buttons."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sandbox.state.messages import Message

_KINDS = ("text", "photo", "animation", "document", "sticker", "voice", "audio", "video")


@dataclass(frozen=True, slots=True)
class ChatMessage:
    """A snapshot: for later edits ask `LocalChat.message` or `wait_for` again. `payload` is the Bot API `Message`."""

    chat_id: int
    message_id: int
    sender_id: int
    from_bot: bool
    kind: str
    text: str  # or the caption; "" when there is none
    buttons: tuple[tuple[str, ...], ...]  # texts, row by row
    reply_to_id: int | None
    edited: bool
    reactions: tuple[str, ...]
    payload: dict[str, Any]
    silent: bool = False  # sent so that no phone rings

    @classmethod
    def of(cls, message: Message) -> ChatMessage:
        """Copies what matters."""
        payload = message.payload
        rows = payload.get("reply_markup", {}).get("inline_keyboard", [])
        return cls(
            chat_id=message.chat_id,
            message_id=message.message_id,
            sender_id=message.sender_id,
            from_bot=payload["from"]["is_bot"],
            kind=next((kind for kind in _KINDS if kind in payload), "other"),
            text=payload.get("text") or payload.get("caption") or "",
            buttons=tuple(tuple(button["text"] for button in row) for row in rows),
            reply_to_id=payload.get("reply_to_message", {}).get("message_id"),
            edited="edit_date" in payload,
            reactions=tuple(message.page.get("reactions", ())),
            silent=message.page.get("silent", False),
            payload=dict(payload),
        )

    @property
    def topic(self) -> int | None:
        """message_thread_id, where it is that of a forum's topic."""
        return self.payload.get("message_thread_id") if self.payload.get("is_topic_message") else None

    @property
    def album(self) -> str | None:
        """media_group_id."""
        return self.payload.get("media_group_id")

    def has_button(self, text: str) -> bool:
        """Whether a button contains this text."""
        return any(text in button["text"] for button in self._buttons())

    def data_of(self, text: str) -> str:
        """callback_data of the button with this text, else of the only one that contains it. Raises LookupError."""
        buttons = [button for button in self._buttons() if "callback_data" in button]
        found = [one for one in buttons if one["text"] == text] or [one for one in buttons if text in one["text"]]
        if len(found) != 1:
            raise LookupError(f"{len(found)} buttons match {text!r}; there are {self.buttons}")
        data: str = found[0]["callback_data"]
        return data

    def _buttons(self) -> Iterator[dict[str, Any]]:
        for row in self.payload.get("reply_markup", {}).get("inline_keyboard", []):
            yield from row
