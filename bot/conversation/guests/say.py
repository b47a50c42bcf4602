"""Answers where the bot is a guest, and in private where that is refused."""

import logging

from bot.conversation.guests.view import at_guests, elsewhere
from bot.errors import Refused
from bot.telegram.message import View
from bot.telegram.sender import Sender
from db.chat.chat_records import JobRecord

log = logging.getLogger(__name__)


async def say_to_guest(sender: Sender, chat_id: int, query_id: str, view: View, language: str) -> int | str:
    """Answer a guest query.

    It is refused when it was answered, when too much time has passed, and where bots may not write: then who asked
    gets the answer in their private chat (`chat_id`). Raises: Refused - there is none; Later.

    Returns: the message, as `Sender.edit` takes it.
    """
    try:
        return await sender.answer_guest(chat_id, query_id, at_guests(view))
    except Refused as refusal:
        log.info("a guest of chat %s is answered in private: %s", chat_id, refusal)
    return await sender.send(chat_id, elsewhere(view, language))


async def answer_guest(sender: Sender, job: JobRecord, query_id: str, view: View, language: str) -> int | str:
    """The answer to a photo, in place of the word that it comes, if there is one. Raises and returns as above."""
    if job.inline_message_id:
        await sender.edit(job.chat_id, job.inline_message_id, at_guests(view))
        return job.inline_message_id
    return await say_to_guest(sender, job.chat_id, query_id, view, language)
