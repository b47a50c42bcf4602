"""What a person's app does: write, send files, press buttons. Each action becomes messages and updates together."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Any

from sandbox.api import html as html_text
from sandbox.api.errors import UploadRefused
from sandbox.state import guest_queries
from sandbox.state.media import Media, Upload
from sandbox.state.messages import Message
from sandbox.state.people import ANONYMOUS, Persona
from sandbox.state.world import World

_ALBUM_KINDS = {"photo": "visual", "video": "visual", "document": "document", "audio": "audio"}


def send_text(
    world: World,
    person: Persona,
    chat_id: int,
    text: str,
    reply_to: int | None = None,
    *,
    anonymous: bool = False,
    topic: int | None = None,
) -> Message:
    """A text message. Raises UploadRefused when it is empty or too long."""
    text = _clean(text)
    _check_text(world, text)
    content = {"text": text, **_entities("entities", text), **_reply(world, chat_id, reply_to), **_topic(topic)}
    return _send(world, person, chat_id, content, anonymous=anonymous)


async def send_files(
    world: World,
    person: Persona,
    chat_id: int,
    uploads: Sequence[Upload],
    *,
    caption: str = "",
    as_file: bool = False,
    reply_to: int | None = None,
    anonymous: bool = False,
    topic: int | None = None,
) -> list[Message]:
    """One message a file; several of a kind become albums of at most ten. Raises UploadRefused."""
    _check(world, uploads, caption)
    media = [await world.media.from_person(upload, as_file=as_file) for upload in uploads]
    caption = _clean(caption)
    reply = _reply(world, chat_id, reply_to) | _topic(topic)
    messages = []
    for album in _albums(media, world.limits.album_items):
        group = {"media_group_id": str(secrets.randbits(53))} if len(album) > 1 else {}
        for one in album:
            said = {"caption": caption, **_entities("caption_entities", caption)} if caption else {}
            caption = ""  # an album's caption stands under its first item
            messages.append(_send(world, person, chat_id, {**said, **group, **reply}, one, anonymous=anonymous))
    return messages


def press(world: World, person: Persona, message: Message, data: str) -> str:
    """A callback query with any data, as a forged client can send it too. Returns the query's id."""
    with world.database.transaction():
        query_id = world.ask(person.id, message)
        query = {
            "id": query_id,
            "from": person.to_user(),
            **_pressed(world, message),
            "chat_instance": str(abs(hash(message.chat_id))),
            "data": data,
        }
        world.updates.add("callback_query", query)
    return query_id


def react(world: World, person: Persona, message: Message, emoji: str) -> None:
    """The person puts an emoji on a message in place of the one before; empty: none. In groups admins are told."""
    theirs: dict[str, str] = message.page.setdefault("people_reactions", {})
    old, key = theirs.pop(str(person.id), ""), str(person.id)
    if emoji:
        theirs[key] = emoji
    with world.database.transaction():
        world.edit(message)
        told = message.chat_id == person.id or world.people.status(world.bot_id) == "administrator"
        if old != emoji and told and world.people.has_bot(message.chat_id):
            changed = {"old_reaction": _reaction(old), "new_reaction": _reaction(emoji)}
            where = {"chat": world.people.chat(message.chat_id), "message_id": message.message_id}
            update = {**where, "user": person.to_user(), "date": world.now(), **changed}
            world.updates.add("message_reaction", update)


def edit_text(world: World, message: Message, text: str) -> Message:
    """A person corrects their own text or caption; an empty caption takes it away. Raises UploadRefused."""
    field, entities = ("text", "entities") if "text" in message.payload else ("caption", "caption_entities")
    text = _clean(text)
    if field == "caption":
        _check_caption(world, text)
    else:
        _check_text(world, text)
    for old in (field, entities):
        message.payload.pop(old, None)
    new = {field: text, **_entities(entities, text)} if text else {}
    message.payload |= {**new, "edit_date": world.now()}
    with world.database.transaction():
        world.edit(message)
        world.updates.add("edited_message", message.payload)
    return message


def block(world: World, person: Persona, *, blocked: bool) -> None:
    """The person blocks the bot, or lets it write again."""
    with world.database.transaction():
        world.people.block(person, blocked=blocked)
        states = [
            {"user": world.bot_user, "status": "member"},
            {"user": world.bot_user, "status": "kicked", "until_date": 0},
        ]
        old, new = states if blocked else reversed(states)
        change = {"chat": world.people.chat(person.id), "from": person.to_user(), "date": world.now()}
        world.updates.add("my_chat_member", {**change, "old_chat_member": old, "new_chat_member": new})


def forward(world: World, person: Persona, chat_id: int, message: Message) -> Message:
    """Somebody's message, once more in another chat: https://core.telegram.org/bots/api#messageorigin."""
    kinds = ("photo", "document", "animation", "video", "sticker")
    fields = {kind: message.payload[kind] for kind in kinds if kind in message.payload}
    files = [one["file_id"] for value in fields.values() for one in (value if isinstance(value, list) else [value])]
    said: dict[str, Any] = {key: message.payload[key] for key in ("text", "caption") if key in message.payload}
    origin = {"type": "user", "date": message.payload["date"], "sender_user": message.payload["from"]}
    return _send(world, person, chat_id, {**said, "forward_origin": origin}, Media("forwarded", fields, files))


def create_topic(world: World, person: Persona, chat_id: int, name: str) -> Message:
    """The group becomes a forum, and has this topic."""
    with world.database.transaction():
        made = world.post(chat_id, person.to_user(), {"forum_topic_created": {"name": name, "icon_color": 7322096}})
        world.people.set_topic(made.message_id, there=True)
        made.payload |= _topic(made.message_id)
        world.edit(made)
        world.updates.add("message", made.payload)
    return made


def change_membership(world: World, person: Persona, chat_id: int, *, there: bool) -> None:
    """The person adds the bot to the group, or removes it from there."""
    states = [{"user": world.bot_user, "status": "left"}, {"user": world.bot_user, "status": "member"}]
    old, new = states if there else reversed(states)
    change = {"chat": world.people.chat(chat_id), "from": person.to_user(), "date": world.now()}
    world.updates.add("my_chat_member", {**change, "old_chat_member": old, "new_chat_member": new})


def _send(
    world: World,
    person: Persona,
    chat_id: int,
    content: dict[str, Any],
    media: Media | None = None,
    *,
    anonymous: bool = False,
) -> Message:
    """`anonymous`: as an admin who stays so speaks, in the name of the group."""
    if person.id not in world.people.members(chat_id):
        raise UploadRefused(f"{person.first_name} is not in chat {chat_id}")
    sender = dict(ANONYMOUS) if anonymous else person.to_user()
    if anonymous:
        content = {**content, "sender_chat": world.people.chat(chat_id)}
    with world.database.transaction():
        message = world.post(chat_id, sender, content, media)
        if world.people.has_bot(chat_id):
            world.updates.add("message", message.payload)
        else:
            guest_queries.ask(world, message)
    return message


def _reaction(emoji: str) -> list[dict[str, str]]:
    return [{"type": "emoji", "emoji": emoji}] if emoji else []


def _pressed(world: World, message: Message) -> dict[str, Any]:
    """Where the button is: of messages in chats without it the bot is told an id only."""
    inline_id = guest_queries.inline_message_id(world, message)
    return {"inline_message_id": inline_id} if inline_id is not None else {"message": message.payload}


def _check(world: World, uploads: Sequence[Upload], caption: str) -> None:
    if not uploads or len(uploads) > world.limits.files_per_request:
        raise UploadRefused(f"send 1 to {world.limits.files_per_request} files at once")
    _check_caption(world, caption)
    for upload in uploads:
        size_bytes = upload.path.stat().st_size
        if size_bytes > world.limits.upload_bytes:
            raise UploadRefused(f"{upload.name} is larger than {world.limits.upload_bytes // 2**20} MB")


def _check_text(world: World, text: str) -> None:
    if not text or len(text) > world.limits.text_chars:
        raise UploadRefused(f"a message has 1 to {world.limits.text_chars} characters")


def _check_caption(world: World, caption: str) -> None:
    if len(caption) > world.limits.caption_chars:
        raise UploadRefused(f"a caption has at most {world.limits.caption_chars} characters")


def _albums(media: Sequence[Media], limit: int) -> list[list[Media]]:
    """Neighbours that Telegram would show together: photos with videos, documents, music."""
    albums: list[list[Media]] = []
    for one in media:
        kind = _ALBUM_KINDS.get(one.kind)
        last = albums[-1] if albums else []
        if kind and last and _ALBUM_KINDS.get(last[0].kind) == kind and len(last) < limit:
            last.append(one)
        else:
            albums.append([one])
    return albums


def _clean(text: str) -> str:
    """Browsers send line ends of forms as CR LF; Telegram knows LF only."""
    return text.replace("\r\n", "\n").strip()


def _entities(name: str, text: str) -> dict[str, Any]:
    entities = html_text.entities_of_plain_text(text)
    return {name: entities} if entities else {}


def _reply(world: World, chat_id: int, reply_to: int | None) -> dict[str, Any]:
    replied = world.messages.get(chat_id, reply_to) if reply_to else None
    return {"reply_to_message": replied.without_reply()} if replied else {}


def _topic(thread_id: int | None) -> dict[str, Any]:
    return {"message_thread_id": thread_id, "is_topic_message": True} if thread_id is not None else {}
