"""Somebody who is banned gets no answers, one word a day that says so, and their data whenever they like."""

from collections.abc import Awaitable, Callable

from bot.conversation import own_press as own_press_form
from bot.conversation import privacy_press as privacy_press_form
from bot.conversation.answer_press import BadCallback
from bot.conversation.commands import command_of
from bot.conversation.context import Context
from bot.conversation.moderation.bans_view import banned as banned_view
from bot.conversation.own_press import OwnAction, OwnPress
from bot.conversation.replies import alert
from bot.conversation.reply import reply
from bot.conversation.toast import Toast
from bot.telegram.update import ChatUpdate

RIGHTS = frozenset({"privacy", "mydata", "forget"})
TOLD_EVERY_S = 86_400.0

Handler = Callable[[ChatUpdate, Context], Awaitable[None]]


def handler_for_banned(update: ChatUpdate, context: Context, handler: Handler) -> Handler:
    """The handler where it serves a right that nobody loses, else `banned`."""
    data = update.query.data if update.query is not None else None
    if data is not None:
        return handler if data.startswith(privacy_press_form.BEGIN) or _is_about_forgetting(data) else banned
    found = command_of(update.message.text if update.message is not None else None, context.bot.username)
    return handler if found is not None and found[0] in RIGHTS else banned


async def banned(update: ChatUpdate, context: Context) -> None:
    """Say it in private, or to who presses a button; in groups be silent."""
    if update.query is not None:
        await alert(update, context, Toast.BANNED)
    elif update.message is not None and update.private and context.fair_use.to_be_told("ban", update.user_id):
        await reply(update, context, banned_view(update.language))
        context.fair_use.told("ban", update.user_id, TOLD_EVERY_S)


def _is_about_forgetting(data: str) -> bool:
    if not data.startswith(own_press_form.BEGIN):
        return False
    try:
        return OwnPress.parse(data).action in {OwnAction.FORGET, OwnAction.KEEP}
    except BadCallback:
        return False
