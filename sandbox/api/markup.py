"""What may stand under a message: inline keyboards, force reply. Limits: https://core.telegram.org/bots/api#inlinekeyboardbutton."""

from __future__ import annotations

from typing import Any

from sandbox.api.arguments import Arguments
from sandbox.api.errors import BadRequest

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
