"""A photo, or what may be taken for one: whether it may come now, and what becomes of it.

More than one person or group may send wait in the inbox, in a queue of their own for each person and chat: others in
the chat go on, and so does whatever that person writes or presses. They are answered by themselves.
"""

import logging
from functools import partial

from bot.conversation.context import Context
from bot.conversation.guests.view import no_photo
from bot.conversation.notice import Notice, notice
from bot.conversation.photo.fair_use import WAITING_LIMIT, Wait
from bot.conversation.photo.photo_file import PhotoFiles
from bot.conversation.photo.refusal import Refusal, refuse
from bot.conversation.photo.request import Request, guests_photo, replied_photo
from bot.conversation.photo.view import (
    ask_again,
    failure,
    queue_position,
    slow_down,
    too_big,
    too_many_wait,
    try_later,
)
from bot.conversation.replies import reply
from bot.conversation.router import Router
from bot.errors import Later, Refused
from bot.pipeline.jobs import Submitter
from bot.pipeline.waiting_notice import WaitingNotices
from bot.telegram.client import DOWNLOAD_LIMIT_BYTES
from bot.telegram.message import View
from bot.telegram.update import ChatUpdate, UpdateKind
from db.chat.chat_records import JobRecord, JobStatus
from db.unit import Unit
from inference.queue.protocol import Failure

GUEST_PATIENCE_S = 5.0  # so long a guest query surely stays open
FULL = "full"
QUIET_S = 60.0  # where for so long nothing had to wait, the next wait gets a word again

log = logging.getLogger(__name__)


class Photos:
    """Takes photos in."""

    def __init__(self, files: PhotoFiles, submitter: Submitter, waiting_notices: WaitingNotices) -> None:
        self._files = files
        self._submitter = submitter
        self._waiting_notices = waiting_notices
        self._coming = 0  # photos that are being fetched: they count as waiting when others ask for room

    def register(self, router: Router) -> None:
        """A photo that is sent, /breed as a reply to one, and our name where we are a guest."""
        router.on(UpdateKind.PHOTO, self.photo)
        router.on(UpdateKind.GUEST, self.guest)
        router.command("breed", self.breed)

    async def photo(self, update: ChatUpdate, context: Context) -> bool:
        """A message with a photo; in a group only where somebody wants it answered. Returns: as `look_at`."""
        message = update.message
        if message is None or not update.asked:
            return False
        if update.edited:  # who asks later asks for this one; it is answered once
            async with context.database.unit(read_only=True) as unit:
                if await unit.jobs.by_message(update.chat_id, message.message_id) is not None:
                    return False
        album = None if update.edited else message.media_group_id
        return await self.look_at(Request(update.photo, message.message_id, album, message.caption), update, context)

    async def breed(self, update: ChatUpdate, context: Context) -> None:
        """Answer the photo that is replied to, for the one who asks, or say how it is meant."""
        found = replied_photo(update)
        if found is None:
            await reply(update, context, notice(Notice.BREED_OF_WHAT, update.language))
        else:
            await self.look_at(found, update, context)

    async def guest(self, update: ChatUpdate, context: Context) -> bool:
        """Our name in a chat that we are not in: beside a photo, or as a reply to one. Returns: as `look_at`."""
        if not update.asked:
            return False
        found = guests_photo(update)
        if found is None:
            await reply(update, context, no_photo(context.bot.username, update.language))
            return False
        return await self.look_at(found, update, context)

    async def look_at(self, request: Request, update: ChatUpdate, context: Context) -> bool:
        """Answer comes later, by way of the queue; what cannot be a photo is answered here, or in its album's.

        Returns: whether the end of the update is noted: in the transaction that stores its photo.
        """
        if await held_back(update, context, request.album):
            return False
        language = update.language
        if request.photo is None:
            taken: list[JobRecord] | Refusal = Refusal(Failure.UNREADABLE, failure(Failure.UNREADABLE, language))
        elif request.photo.size_bytes > DOWNLOAD_LIMIT_BYTES:
            taken = Refusal(Failure.TOO_LARGE, too_big(DOWNLOAD_LIMIT_BYTES, language))
        elif self._submitter.full(update.sent_at, self._coming):
            taken = Refusal(None, try_later(self._submitter.wait_s, language))
        else:
            self._coming += 1
            try:
                taken = await self._files.take(request, request.photo, update, context)
            finally:
                self._coming -= 1
        if isinstance(taken, Refusal):
            await refuse(taken, request.album, request.message_id, update, context)
            return False
        if taken[0].status is JobStatus.QUEUED:
            if update.guest_query_id is not None:
                await self._tell_guest(taken[0], update.guest_query_id, update, context)
            else:
                self._waiting_notices.enter(taken[0], language)
            self._submitter.look()
        if update.awaiting_search_for is not None or update.reviewing is not None:
            await context.search_lists.end(update, context.sender)
        return True

    async def _tell_guest(self, job: JobRecord, query_id: str, update: ChatUpdate, context: Context) -> None:
        """A guest query is not open for long: where the answer takes time, it is told at once how much, and the answer
        will take the place of that.
        """
        wait_s = self._submitter.wait_s
        if wait_s <= GUEST_PATIENCE_S:
            return
        word = queue_position(self._submitter.waiting + 1, wait_s, update.language)
        try:
            inline_message_id = await context.sender.answer_guest(update.chat_id, query_id, word, tries=1)
        except (Later, Refused) as trouble:  # a courtesy
            log.info("a guest waits without a word: %s", trouble)
            return
        async with context.database.unit() as unit:
            await unit.jobs.set_inline_message(job, inline_message_id)


async def held_back(update: ChatUpdate, context: Context, album: str | None) -> bool:
    """Whether this photo is left out: there wait too many already, or somebody asked by a command, and may do so again.

    Costs nothing but a look into memory, for people who are known there. Raises `Later`: it waits for its turn.
    """
    if update.message_id is None:
        return False
    # The inbox's key for what waits, at most 32 characters; who asks by a command does not.
    queue = f"{update.chat_id:x} {update.user_id:x} ~" if update.kind is UpdateKind.PHOTO else None
    wait = await context.fair_use.admit(
        update.update_id,
        update.sent_at,
        user_id=update.user_id if update.user_id > 0 else None,
        chat_id=None if update.private or update.guest_query_id is not None else update.chat_id,
        queue=queue,
    )
    if wait is None:
        return False
    if queue is None:
        await reply(update, context, ask_again(wait.limit, wait.wait_s, update.language))
    elif wait.left_out:
        await _tell(FULL, update, context, wait, too_many_wait(WAITING_LIMIT, update.language))
    else:
        await context.database.write(partial(_put_aside, update=update, queue=queue, album=album))
        word = slow_down(wait.whose, wait.limit, wait.wait_s, update.language)
        await _tell(wait.whose, update, context, wait, word)
        raise Later(f"more than {wait.limit} photos a minute", wait.wait_s)
    return True


async def _put_aside(unit: Unit, update: ChatUpdate, queue: str, album: str | None) -> None:
    await unit.inbox.put_aside(update.update_id, queue)
    if album is not None:  # in a group one photo of it names us, and the others are for us by that
        await unit.albums.open(update.chat_id, album, update.user_id)


async def _tell(what: str, update: ChatUpdate, context: Context, wait: Wait, word: View) -> None:
    """One word for one wait, however many photos it is about."""
    if context.fair_use.to_be_told(what, wait.id):
        await reply(update, context, word)
    context.fair_use.told(what, wait.id, wait.wait_s + QUIET_S)
