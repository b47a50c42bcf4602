"""Methods about chats and people: actions, reactions, answers to presses and inline queries, members."""

from __future__ import annotations

from typing import Any

from sandbox.api.arguments import Arguments
from sandbox.api.errors import BadRequest
from sandbox.api.formatting import topic
from sandbox.state import guest_queries, inline_queries
from sandbox.state.world import CallbackAnswer, World

_ANSWER_CHARS = 200
_RIGHTS = (
    "can_be_edited", "is_anonymous", "can_manage_chat", "can_delete_messages", "can_manage_video_chats",
    "can_restrict_members", "can_promote_members", "can_change_info", "can_invite_users", "can_post_stories",
    "can_edit_stories", "can_delete_stories",
)  # fmt: skip
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


async def answer_inline_query(world: World, args: Arguments) -> bool:
    """https://core.telegram.org/bots/api#answerinlinequery; nothing is cached, and there is one page of results."""
    inline_queries.offer(world, args)
    return True


async def answer_guest_query(world: World, args: Arguments) -> dict[str, str]:
    """https://core.telegram.org/bots/api#answerguestquery."""
    return {"inline_message_id": guest_queries.answer(world, args)}


async def send_chat_action(world: World, args: Arguments) -> bool:
    """https://core.telegram.org/bots/api#sendchataction."""
    chat_id, action = args.chat_id(), args.text("action")
    world.check_open(chat_id)
    if action not in _ACTIONS:
        raise BadRequest("wrong parameter action in request")
    where = topic(world, args, {})
    told = {"type": "action", "chat_id": chat_id, "action": action, **where}
    world.events.publish(told, world.people.members(chat_id))
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
        return _member(world, world.bot_user)
    if user_id not in world.people.members(args.chat_id()):
        raise BadRequest("member not found")
    return _member(world, world.people.find(user_id).to_user())


async def get_chat_administrators(world: World, args: Arguments) -> list[dict[str, Any]]:
    """https://core.telegram.org/bots/api#getchatadministrators."""
    chat = world.people.chat(args.chat_id())
    if chat["type"] == "private":
        raise BadRequest("there are no administrators in the private chat")
    members = [_member(world, person.to_user()) for person in world.people]
    return [member for member in members if member["status"] != "member"]


def _member(world: World, user: dict[str, Any]) -> dict[str, Any]:
    """Bot API `ChatMember`; an administrator without any rights."""
    status = world.people.status(user["id"])
    if status == "creator":
        return {"user": user, "status": status, "is_anonymous": False}
    rights = dict.fromkeys(_RIGHTS, False) if status == "administrator" else {}
    return {"user": user, "status": status, **rights}


async def get_user_profile_photos(_world: World, _args: Arguments) -> dict[str, Any]:
    """https://core.telegram.org/bots/api#getuserprofilephotos: nobody has one."""
    return {"total_count": 0, "photos": []}


def _is_emoji(one: object) -> bool:
    return isinstance(one, dict) and one.get("type") == "emoji" and isinstance(one.get("emoji"), str)
