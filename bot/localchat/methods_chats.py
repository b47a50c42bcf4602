"""Methods about chats and people: actions, reactions, callback answers, members."""

from __future__ import annotations

from typing import Any

from bot.localchat.arguments import Arguments
from bot.localchat.errors import BadRequest
from bot.localchat.world import CallbackAnswer, World

_ANSWER_CHARS = 200
_ACTIONS = frozenset({
    "typing", "upload_photo", "record_video", "upload_video", "record_voice", "upload_voice", "upload_document",
    "choose_sticker", "find_location", "record_video_note", "upload_video_note",
})  # fmt: skip


async def answer_callback_query(world: World, args: Arguments) -> bool:
    """https://core.telegram.org/bots/api#answercallbackquery."""
    text = args.text("text")
    if len(text) > _ANSWER_CHARS:
        raise BadRequest("MESSAGE_TOO_LONG")
    answer = CallbackAnswer(text, args.boolean("show_alert"), args.text("url"))
    world.answer(args.text("callback_query_id"), answer)
    return True


async def send_chat_action(world: World, args: Arguments) -> bool:
    """https://core.telegram.org/bots/api#sendchataction."""
    chat_id, action = args.chat_id(), args.text("action")
    world.check_open(chat_id)
    if action not in _ACTIONS:
        raise BadRequest("wrong parameter action in request")
    world.events.publish({"type": "action", "chat_id": chat_id, "action": action}, world.people.members(chat_id))
    return True


async def set_message_reaction(world: World, args: Arguments) -> bool:
    """https://core.telegram.org/bots/api#setmessagereaction; emoji only."""
    world.check_open(args.chat_id())
    message = world.messages.get(args.chat_id(), args.integer("message_id"))
    if message is None:
        raise BadRequest("message to react not found")
    reactions = args.json("reaction") or []
    if not isinstance(reactions, list) or not all(_is_emoji(one) for one in reactions):
        raise BadRequest("REACTION_INVALID")
    message.page["reactions"] = [one["emoji"] for one in reactions]
    world.edit(message)
    return True


async def get_chat(world: World, args: Arguments) -> dict[str, Any]:
    """https://core.telegram.org/bots/api#getchat."""
    chat = world.people.chat(args.chat_id())
    gifts = dict.fromkeys(
        ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels"), False
    )
    return chat | {"accent_color_id": 0, "max_reaction_count": 11, "accepted_gift_types": gifts}


async def get_chat_member(world: World, args: Arguments) -> dict[str, Any]:
    """https://core.telegram.org/bots/api#getchatmember."""
    world.people.chat(args.chat_id())
    user_id = args.integer("user_id")
    if user_id == world.bot_id:
        return {"user": world.bot_user, "status": "member"}
    if user_id not in world.people.members(args.chat_id()):
        raise BadRequest("member not found")
    return {"user": world.people.find(user_id).to_user(), "status": "member"}


async def get_user_profile_photos(_world: World, _args: Arguments) -> dict[str, Any]:
    """https://core.telegram.org/bots/api#getuserprofilephotos: nobody has one."""
    return {"total_count": 0, "photos": []}


def _is_emoji(one: object) -> bool:
    return isinstance(one, dict) and one.get("type") == "emoji" and isinstance(one.get("emoji"), str)
