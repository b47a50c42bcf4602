"""Somebody who is banned gets no answers, one word a day that says so, and their data whenever they like."""

from bot.conversation.callback import Toast
from bot.conversation.context import Context
from bot.conversation.replies import alert, reply
from bot.telegram.message import View
from bot.telegram.update import ChatUpdate, UpdateKind
from bot.texts import say

TOLD_EVERY_S = 86_400.0


async def tell_banned(update: ChatUpdate, context: Context) -> None:
    """Say it in private, or to who presses a button; in groups be silent."""
    if update.kind is UpdateKind.PRESS:
        await alert(update, context, Toast.BANNED)
    elif update.message_id is not None and update.private and context.fair_use.to_be_told("ban", update.user_id):
        await reply(update, context, banned(update.language))
        context.fair_use.told("ban", update.user_id, TOLD_EVERY_S)


def banned(language: str) -> View:
    """They get no answers, and their rights remain."""
    return View(say(language, "banned"))
