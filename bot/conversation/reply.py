"""Answering a message where it was written."""

from bot.conversation.context import Context
from bot.telegram.message import View
from bot.telegram.update import ChatUpdate


async def reply(update: ChatUpdate, context: Context, view: View) -> None:
    """Send a view as a reply to the message that is being handled."""
    message_id = update.message.message_id if update.message is not None else None
    await context.sender.send(update.chat_id, view, message_id)
