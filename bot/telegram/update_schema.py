"""What a raw update is made of, before anything is made of it: text that can be stored, and values of the right kind.

python-telegram-bot takes values as they are, so a number where a text should be would surface somewhere in a handler.
Telegram never sends such updates; whoever knows the webhook's secret could.
"""

from collections.abc import Mapping
from typing import Any, Final

DEPTH_LIMIT: Final = 32  # objects and lists inside each other; a reply to a forwarded album has 8
_INT64: Final = range(-(2**63), 2**63)
_INT32: Final = range(-(2**31), 2**31)
_OBJECTS: Final = frozenset(
    {
        *("message", "edited_message", "channel_post", "edited_channel_post", "callback_query", "inline_query"),
        *("my_chat_member", "from", "chat", "sender_chat", "live_photo"),
        *("reply_to_message", "external_reply", "via_bot", "user", "document", "sticker", "animation", "video"),
        *("voice", "video_note", "audio", "contact", "location", "dice", "old_chat_member", "new_chat_member"),
        *("reply_markup", "origin", "forward_origin", "quote", "guest_message", "guest_bot_caller_user"),
        *("message_reaction", "actor_chat"),
    }
)
_LISTS: Final = frozenset(
    {
        *("photo", "entities", "caption_entities", "new_chat_members", "inline_keyboard"),
        *("old_reaction", "new_reaction"),
    }
)
_MARKED: Final = frozenset({"entities", "caption_entities"})
_TEXTS: Final = frozenset(
    {
        *("text", "caption", "data", "query", "file_id", "file_unique_id", "file_name", "mime_type", "media_group_id"),
        *("language_code", "username", "first_name", "last_name", "title", "type", "status", "callback_data"),
        *("chat_instance", "inline_message_id", "url", "emoji", "author_signature", "guest_query_id"),
    }
)
_NUMBERS: Final = {
    "message_id": _INT64,
    "file_size": _INT64,
    "date": _INT64,
    "message_thread_id": _INT64,
    "migrate_to_chat_id": _INT64,
    "width": _INT32,
    "height": _INT32,
    "duration": _INT32,
}
_IDS: Final = range(-(2**52), 2**52)  # https://core.telegram.org/bots/api#chat: "at most 52 significant bits"
_PERSONS: Final = range(1, 2**52)
_PEOPLE: Final = frozenset({"from", "user", "via_bot", "left_chat_member", "guest_bot_caller_user"})
_CHATS: Final = frozenset({"chat", "sender_chat", "actor_chat"})
_QUERIES: Final = frozenset({"callback_query", "inline_query"})
_NEEDED: Final = {
    "callback_query": ("from",),
    "inline_query": ("from",),
    "my_chat_member": ("from", "chat", "old_chat_member", "new_chat_member"),
    "old_chat_member": ("user", "status"),
    "new_chat_member": ("user", "status"),
    "message": ("chat",),
    "edited_message": ("chat",),
    "channel_post": ("chat",),
    "edited_channel_post": ("chat",),
    "reply_to_message": ("chat",),
    "guest_message": ("chat", "guest_query_id"),
    "message_reaction": ("chat", "message_id", "date", "old_reaction", "new_reaction"),
}
_FLAGS: Final = frozenset({"is_bot", "is_animated", "is_video", "is_forum", "is_topic_message"})


def cleaned(payload: Mapping[str, Any]) -> dict[str, Any]:
    """The same update, with nothing in it that a database or a terminal chokes on.

    Half characters and NULs become �; what is empty (null) or buried deeper than Telegram ever buries anything is
    left out.
    """
    return {_clean_text(key): _cleaned(value, 1) for key, value in payload.items() if value is not None}


def flaw(payload: Mapping[str, Any]) -> str | None:
    """What is wrong with an update: where, and which kind of value is there. None: nothing that we would stumble on."""
    return next((name for key, value in payload.items() if (name := _flaw(key, value))), None)


def _cleaned(value: Any, depth: int) -> Any:
    if isinstance(value, str):
        return _clean_text(value)
    if isinstance(value, dict):
        inside = value.items() if depth < DEPTH_LIMIT else ()
        return {_clean_text(key): _cleaned(one, depth + 1) for key, one in inside if one is not None}
    if isinstance(value, list):
        return [_cleaned(one, depth + 1) for one in value if one is not None] if depth < DEPTH_LIMIT else []
    return value


def _clean_text(text: str) -> str:
    if text.isascii():
        return text.replace("\x00", "�") if "\x00" in text else text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace").replace("\x00", "�")


def _flaw(key: str, value: Any) -> str | None:
    if not _fits(key, value):
        return f"{key} is of the type {type(value).__name__}"
    if isinstance(value, dict):
        return flaw(value) or _nameless(key, value) or _lacks(key, value)
    if isinstance(value, list):
        return next((name for one in value if (name := _flaw_inside(key, one))), None)
    return None


def _flaw_inside(key: str, one: Any) -> str | None:
    if key == "inline_keyboard":
        row = one if isinstance(one, list) else [None]
        return next((name for button in row if (name := _flaw_inside("a row of buttons", button))), None)
    if key in _MARKED and isinstance(one, dict) and not _marks(one):
        return f"{key} has no place"
    if key in _LISTS or key == "a row of buttons":
        return flaw(one) if isinstance(one, dict) else f"{key} holds something of the type {type(one).__name__}"
    return _flaw("", one)


def _marks(entity: dict[str, Any]) -> bool:
    place = entity.get("offset"), entity.get("length")
    return all(isinstance(one, int) and not isinstance(one, bool) and one in _INT32 for one in place)


def _nameless(key: str, value: dict[str, Any]) -> str | None:
    """What has an id needs one that the database can hold; people's are positive."""
    named = value.get("id")
    if key in _QUERIES:
        return None if isinstance(named, str) else f"{key} has the id {named!r:.40}"
    if key in _PEOPLE or key in _CHATS:
        known = isinstance(named, int) and not isinstance(named, bool)
        return None if known and named in (_IDS if key in _CHATS else _PERSONS) else f"{key} has the id {named!r:.40}"
    return None


def _lacks(key: str, value: dict[str, Any]) -> str | None:
    return next((f"{key} has no {needed!r}" for needed in _NEEDED.get(key, ()) if needed not in value), None)


def _fits(key: str, value: Any) -> bool:
    if key in _OBJECTS:
        return isinstance(value, dict)
    if key in _LISTS:
        return isinstance(value, list)
    if key in _TEXTS:
        return isinstance(value, str)
    if key in _FLAGS:
        return isinstance(value, bool)
    allowed = _NUMBERS.get(key)
    return allowed is None or (isinstance(value, int) and not isinstance(value, bool) and value in allowed)
