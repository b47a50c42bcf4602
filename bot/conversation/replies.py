"""Where words go: a reply to a message, the message whose button was pressed, the short word that ends its spinner."""

import logging

from bot.conversation.callback import Toast, wait
from bot.conversation.context import Context
from bot.conversation.guests.say import say_to_guest
from bot.errors import Later, Refused
from bot.telegram.message import View
from bot.telegram.sender import UNNAMED
from bot.telegram.update import ChatUpdate
from bot.texts import say_plain
from db.chat.chat_records import PredictionRecord

log = logging.getLogger(__name__)


async def reply(update: ChatUpdate, context: Context, view: View, *, quiet: bool = False) -> int:
    """Send a view as a reply to the message that is being handled. Returns, and ``quiet``: as `Sender.send`."""
    if update.guest_query_id is not None:
        said = await say_to_guest(context.sender, update.chat_id, update.guest_query_id, view, update.language)
        return said if isinstance(said, int) else UNNAMED
    send = context.sender.send
    return await send(update.chat_id, view, update.message_id, thread_id=update.thread_id, quiet=quiet)


async def post(update: ChatUpdate, context: Context, view: View) -> None:
    """Send a view as a message of its own, in the same chat and topic."""
    await context.sender.send(update.chat_id, view, thread_id=update.thread_id)


async def turn(update: ChatUpdate, context: Context, view: View) -> None:
    """In place of what the message with the button showed; a new message where that one is gone."""
    if update.message_id is not None:
        try:
            await context.sender.edit(update.chat_id, update.message_id, view)
        except Refused as refusal:
            log.info("a message in chat %s cannot be edited: %s", update.chat_id, refusal)
        else:
            return
    await post(update, context, view)


def pressed_place(update: ChatUpdate, prediction: PredictionRecord) -> tuple[int, int] | None:
    """Chat and message of the pressed button, if that message is about this prediction.

    A forged press can name any message of ours, somebody else's answer for one: that one must not change.
    """
    named = any(f":{prediction.token}" in button.data for row in update.buttons for button in row)
    return (update.chat_id, update.message_id) if update.message_id is not None and named else None


async def alert(update: ChatUpdate, context: Context, what: Toast) -> None:
    """A refusal: nothing else will show it, so it is repeated until it is out or too old."""
    await _insist(update, context, say_plain(update.language, f"toast-{what}"))


async def say_wait(update: ChatUpdate, context: Context, wait_s: float) -> None:
    """A refusal for now: come back in so many seconds."""
    await _insist(update, context, wait(wait_s, update.language))


async def _insist(update: ChatUpdate, context: Context, text: str) -> None:
    if update.query is not None:
        await context.sender.answer_press(update.chat_id, update.query.id, text, alert=True)


async def nod(update: ChatUpdate, context: Context, what: Toast | None = None, *, words: str = "") -> None:
    """A courtesy: the edited message shows the same, so trouble here must not keep it waiting.

    ``words``: instead of a toast.
    """
    if update.query is None:
        return
    text = say_plain(update.language, f"toast-{what}") if what is not None else words
    try:
        await context.sender.answer_press(update.chat_id, update.query.id, text)
    except Later as trouble:
        log.info("a press in chat %s keeps its spinner: %s", update.chat_id, trouble)
