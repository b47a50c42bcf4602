"""The short word over the chat that ends a button's spinner."""

import logging

from bot.conversation.context import Context
from bot.conversation.toast import Toast, toast, wait
from bot.pipeline.keyed_queue import Later
from bot.telegram.update import ChatUpdate

log = logging.getLogger(__name__)


async def alert(update: ChatUpdate, context: Context, what: Toast) -> None:
    """A refusal: nothing else will show it, so it is repeated until it is out or too old."""
    if update.query is not None:
        text = toast(what, update.language)
        await context.sender.answer_press(update.chat_id, update.query.id, text, alert=True)


async def say_wait(update: ChatUpdate, context: Context, wait_s: float) -> None:
    """A refusal for now: come back in so many seconds."""
    if update.query is not None:
        text = wait(wait_s, update.language)
        await context.sender.answer_press(update.chat_id, update.query.id, text, alert=True)


async def nod(update: ChatUpdate, context: Context, what: Toast | None = None) -> None:
    """A courtesy: the edited message shows the same, so trouble here must not keep it waiting."""
    if update.query is None:
        return
    text = toast(what, update.language) if what is not None else ""
    try:
        await context.sender.answer_press(update.chat_id, update.query.id, text)
    except Later as trouble:
        log.info("a press in chat %s keeps its spinner: %s", update.chat_id, trouble)
