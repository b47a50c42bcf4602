"""An update as Telegram sends it, before anything is made of it: which are stored, how, and whether one can be read.

python-telegram-bot takes values as they are, so a number where a text should be would surface somewhere in a handler.
Telegram never sends such updates; whoever knows the webhook's secret could.
"""

from collections.abc import Mapping
from typing import Any, Final

from telegram import Update

from bot.telegram.update import DISLIKE, LIKE
from db.chat.inbox import IncomingUpdate

ALBUM_LETTERS: Final = 64  # of a media_group_id; the database holds no more
DEPTH_LIMIT: Final = 32  # objects and lists inside each other; a reply to a forwarded album has 8

_FILES: Final = frozenset({"photo", "document", "video", "animation", "sticker", "video_note", "live_photo"})
_EDITED: Final = ("edited_message", "edited_channel_post")
_GUEST: Final = "guest_message"
_REACTION: Final = "message_reaction"
_POSTED: Final = ("message", "channel_post")
_MESSAGES: Final = (*_POSTED, _GUEST, *_EDITED)
_HANDLED: Final = (*_MESSAGES, "callback_query", "inline_query", "my_chat_member", _REACTION)

_INT64: Final = range(-(2**63), 2**63)
_INT32: Final = range(-(2**31), 2**31)
_CHAT_ID: Final = {"id": range(-(2**52), 2**52)}  # https://core.telegram.org/bots/api#chat: at most 52 significant bits
_PERSON_ID: Final = {"id": range(1, 2**52)}
_QUERY_ID: Final = {"id": str}
_PLACE: Final = {"offset": _INT32, "length": _INT32}

_Kind = type | range  # a whole number within it
_LISTS: Final = ("photo", "entities", "caption_entities", "new_chat_members", "old_reaction", "new_reaction")
_OBJECTS: Final = (
    *(*_HANDLED, "from", "chat", "sender_chat", "live_photo", "reply_to_message", "external_reply", "via_bot", "user"),
    *("document", "sticker", "animation", "video", "voice", "video_note", "audio", "contact", "location", "dice"),
    *("old_chat_member", "new_chat_member", "reply_markup", "origin", "forward_origin", "quote"),
    *("guest_bot_caller_user", "actor_chat", "left_chat_member"),
)
_TEXTS: Final = (
    *("text", "caption", "data", "query", "file_id", "file_unique_id", "file_name", "mime_type", "media_group_id"),
    *("language_code", "username", "first_name", "last_name", "title", "type", "status", "callback_data"),
    *("chat_instance", "inline_message_id", "url", "emoji", "author_signature", "guest_query_id"),
)
_NUMBERS: Final = ("message_id", "file_size", "date", "message_thread_id", "migrate_to_chat_id")
_FLAGS: Final = ("is_bot", "is_animated", "is_video", "is_forum", "is_topic_message")
_KINDS: Final[Mapping[str, _Kind]] = {
    **dict.fromkeys(_OBJECTS, dict),
    **dict.fromkeys((*_LISTS, "inline_keyboard", "one of inline_keyboard"), list),
    **{f"one of {name}": dict for name in (*_LISTS, "one of inline_keyboard")},
    **dict.fromkeys(_TEXTS, str),
    **dict.fromkeys(_NUMBERS, _INT64),
    **dict.fromkeys(("width", "height", "duration"), _INT32),
    **dict.fromkeys(_FLAGS, bool),
}
"""What each thing is, wherever it stands; of others anything goes."""

_KEYS: Final[Mapping[str, Mapping[str, _Kind]]] = {
    **dict.fromkeys(("from", "user", "via_bot", "left_chat_member", "guest_bot_caller_user"), _PERSON_ID),
    **dict.fromkeys(("chat", "sender_chat", "actor_chat"), _CHAT_ID),
    **dict.fromkeys(("callback_query", "inline_query"), _QUERY_ID),
    **dict.fromkeys(("one of entities", "one of caption_entities"), _PLACE),
}
"""What must be in it, and what that is there: the database holds no other ids, and people's are positive."""

_NEEDED: Final[Mapping[str, tuple[str, ...]]] = {
    **dict.fromkeys(("callback_query", "inline_query"), ("from",)),
    "my_chat_member": ("from", "chat", "old_chat_member", "new_chat_member"),
    **dict.fromkeys(("old_chat_member", "new_chat_member"), ("user", "status")),
    **dict.fromkeys((*_POSTED, *_EDITED, "reply_to_message"), ("chat",)),
    _GUEST: ("chat", "guest_query_id"),
    _REACTION: ("chat", "message_id", "date", "old_reaction", "new_reaction"),
}


class Malformed(ValueError):
    """The update cannot be understood."""


def cleaned(value: Any, depth: int = 0) -> Any:
    """The same update, or part of one, with nothing in it that a database or a terminal chokes on.

    Half characters and NULs become �; what is empty (null) or buried deeper than Telegram ever buries anything is
    left out.
    """
    if isinstance(value, str):
        if not value.isascii():
            value = value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
        return value.replace("\x00", "�")
    if isinstance(value, dict):
        inside = value.items() if depth < DEPTH_LIMIT else ()
        return {cleaned(key): cleaned(one, depth + 1) for key, one in inside if one is not None}
    if isinstance(value, list):
        return [cleaned(one, depth + 1) for one in value if one is not None] if depth < DEPTH_LIMIT else []
    return value


def incoming(payload: Mapping[str, Any]) -> IncomingUpdate | None:
    """A raw update as it is stored; None: it has no id, or there is nothing to do.

    Of edited messages there is only where a file has a caption, which may ask now; of reactions where 👍 or 👎 came or
    went.
    """
    update_id, chat_id, kind = update_id_of(payload), chat_id_of(payload), kind_of(payload)
    content = payload.get(kind)
    if update_id is None:
        return None
    if not isinstance(content, Mapping):
        return IncomingUpdate(update_id, chat_id, payload)
    if kind == _REACTION and _opinions(content.get("old_reaction")) == _opinions(content.get("new_reaction")):
        return None
    if kind in _EDITED and ("caption" not in content or _FILES.isdisjoint(content)):
        return None
    message = content if kind in _MESSAGES else {}
    key = None if _FILES.isdisjoint(message) else f"{chat_id or 0} files"
    album = message.get("media_group_id") if kind in _POSTED else None  # who asks later, or elsewhere, asks for one
    in_album = isinstance(album, str) and 0 < len(album) <= ALBUM_LETTERS
    return IncomingUpdate(update_id, chat_id, payload, key, album if in_album else None)


def update_id_of(payload: Mapping[str, Any]) -> int | None:
    """The id of a raw update; None if there is no such number in it."""
    number: int | None = payload.get("update_id")
    return number if _is(number, _INT64) else None


def chat_id_of(payload: Mapping[str, Any]) -> int | None:
    """The chat of a raw update, whatever its kind; its sender's private one where we are not in the chat.

    A guest message names a chat, too, but its id may be that of another one, which we are in.
    """
    for kind, content in payload.items():
        if kind == "update_id" or not isinstance(content, Mapping):
            continue
        message = content.get("message") if kind == "callback_query" else content
        chat = message.get("chat") if isinstance(message, Mapping) else None
        if kind == _GUEST or not isinstance(chat, Mapping):
            chat = content.get("sender_chat") or content.get("from")
        number: int | None = chat.get("id") if isinstance(chat, Mapping) else None
        return number if _is(number, _INT64) else None
    return None


def kind_of(payload: Mapping[str, Any]) -> str:
    """What kind of update it is: one of a few words."""
    return next((kind for kind in _HANDLED if kind in payload), "other")


def parse(payload: Mapping[str, Any]) -> Update | None:
    """The update, or None if it is of a kind that we do not handle. Raises: Malformed."""
    if kind_of(payload) not in _HANDLED:
        return None
    if (wrong := flaw(payload)) is not None:
        raise Malformed(f"update {payload.get('update_id')}: {wrong}")
    try:
        return Update.de_json(dict(payload), None)
    except Exception as error:
        # The message may quote what somebody wrote.
        raise Malformed(f"update {payload.get('update_id')}: {type(error).__name__}") from error


def flaw(value: Any, name: str = "update") -> str | None:
    """What is wrong with an update, or with a part of one of this name: where, and which kind of value is there.

    None: nothing that we would stumble on.
    """
    if not _is(value, _KINDS.get(name, object)):
        return f"{name} is of the type {type(value).__name__}"
    parts = list(value.items()) if isinstance(value, dict) else []
    if isinstance(value, list):
        parts = [(f"one of {name}", one) for one in value]
    for key, one in parts:
        if (wrong := flaw(one, key)) is not None:
            return wrong
    for key, kind in _KEYS.get(name, {}).items():
        if not _is(value.get(key), kind):
            return f"{name} has the {key} {value.get(key)!r:.40}"
    return next((f"{name} has no {key!r}" for key in _NEEDED.get(name, ()) if key not in value), None)


def _is(value: object, kind: _Kind) -> bool:
    if isinstance(kind, range):
        return isinstance(value, int) and not isinstance(value, bool) and value in kind
    return isinstance(value, kind)


def _opinions(reactions: object) -> set[str]:
    listed = reactions if isinstance(reactions, list) else []
    return {emoji for one in listed if isinstance(one, Mapping) and (emoji := one.get("emoji")) in {LIKE, DISLIKE}}
