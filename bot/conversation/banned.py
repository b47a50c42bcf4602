"""Somebody who is banned gets no answers, one word a day that says so, and their data whenever they like."""

from collections.abc import Awaitable, Callable

from bot.conversation import own_press as own_press_form
from bot.conversation import privacy_press as privacy_press_form
from bot.conversation.answer_press import BadCallback
from bot.conversation.commands import command_of
from bot.conversation.context import Services
from bot.conversation.moderation.bans_view import banned as banned_view
from bot.conversation.own_press import OwnAction, OwnPress
from bot.conversation.replies import alert
from bot.conversation.reply import reply
from bot.conversation.toast import Toast
from bot.telegram.update import Incoming

RIGHTS = frozenset({"privacy", "mydata", "forget"})
TOLD_EVERY_S = 86_400.0

Handler = Callable[[Incoming, Services], Awaitable[None]]


def handler_for_banned(incoming: Incoming, services: Services, handler: Handler) -> Handler:
    """The handler where it serves a right that nobody loses, else `banned`."""
    data = incoming.query.data if incoming.query is not None else None
    if data is not None:
        return handler if data.startswith(privacy_press_form.BEGIN) or _is_about_forgetting(data) else banned
    found = command_of(incoming.message.text if incoming.message is not None else None, services.bot.username)
    return handler if found is not None and found[0] in RIGHTS else banned


async def banned(incoming: Incoming, services: Services) -> None:
    """Say it in private, or to who presses a button; in groups be silent."""
    if incoming.query is not None:
        await alert(incoming, services, Toast.BANNED)
    elif incoming.message is not None and incoming.private and services.fair_use.to_be_told("ban", incoming.user_id):
        await reply(incoming, services, banned_view(incoming.language))
        services.fair_use.told("ban", incoming.user_id, TOLD_EVERY_S)


def _is_about_forgetting(data: str) -> bool:
    if not data.startswith(own_press_form.BEGIN):
        return False
    try:
        return OwnPress.parse(data).action in {OwnAction.FORGET, OwnAction.KEEP}
    except BadCallback:
        return False
