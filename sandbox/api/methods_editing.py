"""Methods that change or remove messages."""

from __future__ import annotations

import copy
from typing import Any

from sandbox.api.arguments import Arguments
from sandbox.api.errors import BadRequest
from sandbox.api.formatting import caption_content, inline_keyboard, own_message, text_content
from sandbox.api.methods_sending import album_item
from sandbox.state import guest_queries
from sandbox.state.media import Media
from sandbox.state.messages import Message
from sandbox.state.world import World

_NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same "
    "as a current content and reply markup of the message"
)
_MEDIA = ("photo", "document", "animation", "video", "audio")

Edited = dict[str, Any] | bool  # the message; of one in a chat without the bot only that it is done


async def edit_message_text(world: World, args: Arguments) -> Edited:
    """https://core.telegram.org/bots/api#editmessagetext."""
    message = _own(world, args)
    if "text" not in message.payload:
        raise BadRequest("there is no text in the message to edit")
    return _edited(world, args, message, text_content(world, args), ("text", "entities"))


async def edit_message_caption(world: World, args: Arguments) -> Edited:
    """https://core.telegram.org/bots/api#editmessagecaption."""
    message = _own(world, args)
    if not any(kind in message.payload for kind in _MEDIA):
        raise BadRequest("there is no caption in the message to edit")
    return _edited(world, args, message, caption_content(world, args), ("caption", "caption_entities"))


async def edit_message_reply_markup(world: World, args: Arguments) -> Edited:
    """https://core.telegram.org/bots/api#editmessagereplymarkup."""
    return _edited(world, args, _own(world, args), {}, ())


async def edit_message_media(world: World, args: Arguments) -> Edited:
    """https://core.telegram.org/bots/api#editmessagemedia: photos and documents."""
    _own(world, args)
    media, content = await album_item(world, args, args.json("media"))
    message = _own(world, args)  # again: it may have changed while the photo was scaled
    replaced = ("text", "entities", "caption", "caption_entities", *_MEDIA)
    return _edited(world, args, message, content | media.fields, replaced, media)


async def delete_message(world: World, args: Arguments) -> bool:
    """https://core.telegram.org/bots/api#deletemessage."""
    chat = world.people.chat(args.chat_id())
    message = world.messages.get(args.chat_id(), args.integer("message_id"))
    if message is None:
        raise BadRequest("message to delete not found")
    if message.sender_id != world.bot_id and chat["type"] != "private":
        raise BadRequest("message can't be deleted")  # the bot is no administrator of the group
    world.delete(message)
    return True


def _own(world: World, args: Arguments) -> Message:
    if args.has("inline_message_id"):
        return guest_queries.answer_named(world, args.text("inline_message_id"))
    return own_message(world, args)


def _edited(
    world: World,
    args: Arguments,
    message: Message,
    content: dict[str, Any],
    replaced: tuple[str, ...],
    media: Media | None = None,
) -> Edited:
    """Replaces content and keyboard; a keyboard that is not given disappears, as in Telegram."""
    before = copy.deepcopy(message.payload)
    for name in (*replaced, "reply_markup"):
        message.payload.pop(name, None)
    message.payload |= content
    keyboard = inline_keyboard(args)
    if keyboard:
        message.payload["reply_markup"] = keyboard
    if message.payload == before:
        raise BadRequest(_NOT_MODIFIED)
    if replaced:
        message.payload["edit_date"] = world.now()
    world.edit(message, media)
    return True if args.has("inline_message_id") else message.payload
