"""A photo that is not taken: said at once, or noted for the answer of its album."""

import hashlib
from dataclasses import dataclass

from bot.conversation.context import Context
from bot.conversation.guests.say import say_to_guest
from bot.telegram.message import View
from bot.telegram.update import ChatUpdate
from inference.queue.protocol import Failure

LATER, LATER_S = "later", 60.0  # a word about it is one about all that the chat sends in the next minute
NOTHING = hashlib.sha256(b"").hexdigest()  # the name of what was not stored; a job needs one


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why, for the album's answer, and the words for it. No reason: there is no room now, and it may be sent again."""

    reason: Failure | None
    words: View


async def refuse(refusal: Refusal, album: str | None, message_id: int, update: ChatUpdate, context: Context) -> None:
    """Reply; of an album the reason is kept until its one answer names it. "Later" is said once a minute in a chat."""
    if refusal.reason is None:
        if context.fair_use.to_be_told(LATER, update.chat_id):
            await _say(refusal.words, message_id, update, context)
            context.fair_use.told(LATER, update.chat_id, LATER_S)
    elif album is None:
        await _say(refusal.words, message_id, update, context)
    else:
        await _note(refusal.reason, album, message_id, update, context)


async def _say(words: View, message_id: int, update: ChatUpdate, context: Context) -> None:
    if update.guest_query_id is not None:
        await say_to_guest(context.sender, update.chat_id, update.guest_query_id, words, update.language)
    else:
        await context.sender.send(update.chat_id, words, message_id, thread_id=update.thread_id)


async def _note(reason: Failure, album: str, message_id: int, update: ChatUpdate, context: Context) -> None:
    async with context.database.unit() as unit:
        await unit.albums.open(update.chat_id, album, update.user_id)
        await unit.photos.add(NOTHING, size_bytes=0, mime="application/octet-stream", width=0, height=0)
        job = await unit.jobs.add(
            photo_sha256=NOTHING,
            user_id=update.user_id,
            chat_id=update.chat_id,
            message_id=message_id,
            update_id=update.update_id,
            media_group_id=album,
            thread_id=update.thread_id,
        )
        await unit.jobs.set_failed(job.id, reason)
        await unit.albums.wake(update.chat_id, album)
