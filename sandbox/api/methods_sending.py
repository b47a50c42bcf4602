"""Methods that make the bot's new messages: sendMessage, sendPhoto, sendDocument, sendMediaGroup."""

from __future__ import annotations

import secrets
from typing import Any

from sandbox.api.arguments import Arguments
from sandbox.api.errors import BadRequest, TooLarge
from sandbox.api.formatting import around, caption_content, reply, text_content, topic
from sandbox.state.files import StoredFile
from sandbox.state.media import Media, Upload
from sandbox.state.photo_sizes import NotAPhoto
from sandbox.state.world import World

_ALBUM_TYPES = ("photo", "document")


async def send_message(world: World, args: Arguments) -> dict[str, Any]:
    """https://core.telegram.org/bots/api#sendmessage."""
    chat_id = args.chat_id()
    world.check_open(chat_id)
    return world.post_from_bot(chat_id, text_content(world, args) | around(world, args)).payload


async def send_photo(world: World, args: Arguments) -> dict[str, Any]:
    """https://core.telegram.org/bots/api#sendphoto."""
    return await _send_one(world, args, "photo")


async def send_document(world: World, args: Arguments) -> dict[str, Any]:
    """https://core.telegram.org/bots/api#senddocument."""
    return await _send_one(world, args, "document")


async def send_media_group(world: World, args: Arguments) -> list[dict[str, Any]]:
    """https://core.telegram.org/bots/api#sendmediagroup; 1 item is let through, as Telegram does."""
    chat_id = args.chat_id()
    world.check_open(chat_id)
    items = args.json("media")
    if not isinstance(items, list) or not 1 <= len(items) <= world.limits.album_items:
        raise BadRequest("there must be from 1 to 10 messages to send")
    replied = reply(world, args)
    replied |= topic(world, args, replied)
    made = [await album_item(world, args, item) for item in items]
    group = {"media_group_id": str(secrets.randbits(53))}
    with world.database.transaction():
        posted = [world.post_from_bot(chat_id, {**content, **group, **replied}, media) for media, content in made]
    return [message.payload for message in posted]


async def album_item(world: World, args: Arguments, item: Any) -> tuple[Media, dict[str, Any]]:
    """The media and caption of an InputMedia object."""
    kind = item.get("type") if isinstance(item, dict) else None
    if kind not in _ALBUM_TYPES:
        raise BadRequest(f"can't parse media: type must be one of {', '.join(_ALBUM_TYPES)}")
    content = caption_content(world, args, item)
    return await input_media(world, args, kind, str(item.get("media", "")), "media"), content


async def input_media(world: World, args: Arguments, kind: str, value: str, field: str) -> Media:
    """An upload, an attach:// reference or a file_id. Raises BadRequest."""
    upload = args.upload(field, value or None)
    if upload is not None:
        return await _uploaded(world, upload, kind)
    if not value:
        raise BadRequest(f"there is no {kind} in the request")
    if value.startswith(("http://", "https://")):
        raise BadRequest("failed to get HTTP URL content")  # the local chat goes to no other server
    return _known(world, value, kind)


async def _send_one(world: World, args: Arguments, kind: str) -> dict[str, Any]:
    chat_id = args.chat_id()
    world.check_open(chat_id)
    content = caption_content(world, args) | around(world, args)
    media = await input_media(world, args, kind, args.text(kind), kind)
    return world.post_from_bot(chat_id, content, media).payload


async def _uploaded(world: World, upload: Upload, kind: str) -> Media:
    try:
        if kind == "document":
            return await world.media.document(upload)
        if upload.path.stat().st_size > world.limits.bot_photo_bytes:
            raise TooLarge
        return await world.media.photo(upload)
    except NotAPhoto as error:
        raise BadRequest("IMAGE_PROCESS_FAILED") from error
    finally:
        upload.path.unlink(missing_ok=True)


def _known(world: World, file_id: str, kind: str) -> Media:
    """Sends again what was sent before."""
    file = world.files.get(file_id)
    if file is None:
        raise BadRequest("wrong file identifier/HTTP URL specified")
    shown = _where_shown(world, file)
    if shown is None or kind not in shown:
        raise BadRequest(f"can't use file of type {file.media.capitalize()} as {kind.capitalize()}")
    value = shown[kind]
    ids = [size["file_id"] for size in value] if kind == "photo" else [file_id]
    return Media(kind, {kind: value}, ids)


def _where_shown(world: World, file: StoredFile) -> dict[str, Any] | None:
    message = world.messages.by_serial(world.files.shown_in(file))
    return message.payload if message else None
