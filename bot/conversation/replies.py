"""The short word over the chat that ends a button's spinner."""

import logging

from bot.conversation.context import Services
from bot.conversation.toast import Toast, toast, wait
from bot.pipeline.keyed_queue import Later
from bot.telegram.update import Incoming

log = logging.getLogger(__name__)


async def alert(incoming: Incoming, services: Services, what: Toast) -> None:
    """A refusal: nothing else will show it, so it is repeated until it is out or too old."""
    if incoming.query is not None:
        text = toast(what, incoming.language)
        await services.outgoing.answer_press(incoming.chat_id, incoming.query.id, text, alert=True)


async def say_wait(incoming: Incoming, services: Services, wait_s: float) -> None:
    """A refusal for now: come back in so many seconds."""
    if incoming.query is not None:
        text = wait(wait_s, incoming.language)
        await services.outgoing.answer_press(incoming.chat_id, incoming.query.id, text, alert=True)


async def nod(incoming: Incoming, services: Services, what: Toast | None = None) -> None:
    """A courtesy: the edited message shows the same, so trouble here must not keep it waiting."""
    if incoming.query is None:
        return
    text = toast(what, incoming.language) if what is not None else ""
    try:
        await services.outgoing.answer_press(incoming.chat_id, incoming.query.id, text)
    except Later as trouble:
        log.info("a press in chat %s keeps its spinner: %s", incoming.chat_id, trouble)
