"""Answering a message where it was written."""

from bot.conversation.context import Services
from bot.telegram.message import View
from bot.telegram.update import Incoming


async def reply(incoming: Incoming, services: Services, view: View) -> None:
    """Send a view as a reply to the message that is being handled."""
    message_id = incoming.message.message_id if incoming.message is not None else None
    await services.outgoing.send(incoming.chat_id, view, message_id)
