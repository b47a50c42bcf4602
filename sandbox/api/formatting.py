"""What the sending and editing methods have in common: texts, captions, keyboards, replies.

Limits of keyboards: https://core.telegram.org/bots/api#inlinekeyboardbutton.
"""

from __future__ import annotations

from typing import Any

from sandbox.api import html as html_text
from sandbox.api.arguments import Arguments
from sandbox.api.errors import BadRequest
from sandbox.state.messages import Message
from sandbox.state.world import World

_CALLBACK_DATA_BYTES = 64
_BUTTONS = 100
# Fields of a button that decide what it does; of the rest the page shows the text only.
_ACTIONS = (
    "callback_data",
    "url",
    "copy_text",
    "switch_inline_query",
    "switch_inline_query_current_chat",
    "web_app",
    "login_url",
)


def text_content(world: World, args: Arguments) -> dict[str, Any]:
    """{"text", "entities"?} of a text message. Raises BadRequest."""
    text, entities = formatted(args.values, "text", "entities")
    if not text:
        raise BadRequest("message text is empty")
    if len(text) > world.limits.text_chars:
        raise BadRequest("message is too long")
    return {"text": text, "entities": entities} if entities else {"text": text}


def caption_content(world: World, args: Arguments, values: dict[str, Any] | None = None) -> dict[str, Any]:
    """{"caption"?, "caption_entities"?} of the arguments, or of one item of an album. Raises BadRequest."""
    text, entities = formatted(args.values if values is None else values, "caption", "caption_entities")
    if not text:
        return {}
    if len(text) > world.limits.caption_chars:
        raise BadRequest("message caption is too long")
    return {"caption": text, "caption_entities": entities} if entities else {"caption": text}


def formatted(values: dict[str, Any], name: str, entities_name: str) -> tuple[str, list[dict[str, Any]]]:
    """The text under `name` with its entities, by parse_mode or given ones."""
    source, mode = Arguments(values).text(name), Arguments(values).text("parse_mode")
    if mode.lower() == "html":
        text, marked = html_text.parse(source)
        return text, html_text.with_plain_entities(text, marked)
    if mode:
        raise BadRequest("unsupported parse_mode")
    given = values.get(entities_name)
    entities = Arguments({entities_name: given}).json(entities_name) if given else None
    if entities is None:
        entities = html_text.entities_of_plain_text(source)
    if not isinstance(entities, list) or not all(_is_entity(one) for one in entities):
        raise BadRequest("can't parse entities: an array of MessageEntity is expected")
    return html_text.strip(source, entities)


def around(world: World, args: Arguments) -> dict[str, Any]:
    """Keyboard, reply, force_reply and silence of a new message. Raises BadRequest."""
    content = reply(world, args)
    content |= topic(world, args, content)
    keyboard = inline_keyboard(args)
    if keyboard:
        content["reply_markup"] = keyboard
    page = {"force_reply": force_reply(args), "silent": args.boolean("disable_notification")}
    content["page"] = {key: value for key, value in page.items() if value}
    return content


def inline_keyboard(args: Arguments) -> dict[str, Any] | None:
    """A checked {"inline_keyboard": rows}, or None when there is none. Raises BadRequest."""
    markup = _markup(args)
    rows = markup.get("inline_keyboard")
    if rows is None:
        return None
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise BadRequest("can't parse inline keyboard: must be an array of arrays")
    checked = [[_button(button) for button in row] for row in rows if row]
    if sum(map(len, checked)) > _BUTTONS:
        raise BadRequest("reply markup is too long")
    return {"inline_keyboard": checked} if checked else None


def force_reply(args: Arguments) -> dict[str, Any] | None:
    """The ForceReply object, which only the person's app sees."""
    markup = _markup(args)
    return markup if markup.get("force_reply") else None


def reply(world: World, args: Arguments) -> dict[str, Any]:
    """{"reply_to_message"} or nothing. Raises BadRequest when the message is gone."""
    wanted = args.json_object("reply_parameters")
    message_id = Arguments(wanted).integer("message_id") or args.integer("reply_to_message_id")
    if not message_id:
        return {}
    replied = world.messages.get(args.chat_id(), message_id)
    if replied is not None:
        return {"reply_to_message": replied.without_reply()}
    if wanted.get("allow_sending_without_reply") or args.boolean("allow_sending_without_reply"):
        return {}
    raise BadRequest("message to be replied not found")


def topic(world: World, args: Arguments, replied: dict[str, Any]) -> dict[str, Any]:
    """Where a new message goes: into the topic given, or that of the message that it replies to. Raises BadRequest."""
    thread_id = args.integer("message_thread_id") or replied.get("reply_to_message", {}).get("message_thread_id")
    if not thread_id:
        return {}
    if not world.people.has_topic(args.chat_id(), thread_id):
        raise BadRequest("message thread not found")
    return {"message_thread_id": thread_id, "is_topic_message": True}


def own_message(world: World, args: Arguments, what: str = "edit") -> Message:
    """The bot's message that is to be edited. Raises BadRequest "message to edit not found"."""
    world.people.chat(args.chat_id())
    message = world.messages.get(args.chat_id(), args.integer("message_id"))
    if message is None:
        raise BadRequest(f"message to {what} not found")
    if message.sender_id != world.bot_id:
        raise BadRequest(f"message can't be {what}ed")
    return message


def _is_entity(one: object) -> bool:
    if not isinstance(one, dict) or not isinstance(one.get("type"), str):
        return False
    return isinstance(one.get("offset"), int) and isinstance(one.get("length"), int)


def _markup(args: Arguments) -> dict[str, Any]:
    markup = args.json("reply_markup")
    if markup is None:
        return {}
    if not isinstance(markup, dict):
        raise BadRequest("object expected as reply markup")
    return markup


def _button(button: Any) -> dict[str, Any]:
    if not isinstance(button, dict):
        raise BadRequest("can't parse inline keyboard button: expected an Object")
    if not str(button.get("text", "")).strip():
        raise BadRequest('can\'t parse inline keyboard button: field "text" must be non-empty')
    if not any(action in button for action in _ACTIONS):
        raise BadRequest("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard")
    data = button.get("callback_data")
    if data is not None and not 1 <= len(str(data).encode()) <= _CALLBACK_DATA_BYTES:
        raise BadRequest("BUTTON_DATA_INVALID")
    return button
