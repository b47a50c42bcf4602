"""One update as the handlers see it: who, where, what, and in which language to answer."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from telegram import CallbackQuery, Message, Update, User

_INT64 = range(-(2**63), 2**63)


class Malformed(ValueError):
    """The update cannot be understood."""


@dataclass(frozen=True, slots=True)
class Incoming:
    """A message or a pressed button.

    Attributes:
        update_id: of the update; the same update never makes two jobs.
        user_id: who wrote or pressed.
        chat_id: where.
        private: whether they are alone with the bot.
        message: what was written, or the message whose button was pressed (None if Telegram no longer knows it).
        query: the press; None = it is a message.
        language: to answer in.
        awaiting_search_for: the prediction whose breed this person was asked to type.
    """

    update_id: int
    user_id: int
    chat_id: int
    private: bool
    message: Message | None
    query: CallbackQuery | None
    language: str
    awaiting_search_for: int | None = None


def parse(payload: Mapping[str, Any]) -> Update | None:
    """The update, or None if it is of a kind that we do not handle. Raises: Malformed."""
    if "message" not in payload and "callback_query" not in payload:
        return None
    try:
        update = Update.de_json(dict(payload), None)
    except Exception as error:
        raise Malformed(f"update {payload.get('update_id')}: {type(error).__name__}: {error}") from error
    if sender_of(update) is None or chat_id_of(payload) is None:
        return None
    return update


def sender_of(update: Update) -> User | None:
    """Who sent the message or pressed the button."""
    if update.callback_query is not None:
        return update.callback_query.from_user
    return update.message.from_user if update.message is not None else None


def update_id_of(payload: Mapping[str, Any]) -> int | None:
    """The id of a raw update; None if there is no such number in it."""
    return _int64(payload.get("update_id"))


def chat_id_of(payload: Mapping[str, Any]) -> int | None:
    """The chat of a raw update, whatever its kind; a press on an inline message counts as its sender's private chat."""
    for kind, content in payload.items():
        if kind == "update_id" or not isinstance(content, Mapping):
            continue
        message = content.get("message") if kind == "callback_query" else content
        chat = message.get("chat") if isinstance(message, Mapping) else None
        place = chat if isinstance(chat, Mapping) else content.get("from")
        return _int64(place.get("id")) if isinstance(place, Mapping) else None
    return None


def kind_of(payload: Mapping[str, Any]) -> str:
    """What kind of update it is, for the metrics: one of a few words."""
    return next((kind for kind in ("message", "callback_query") if kind in payload), "other")


def _int64(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value in _INT64 else None
