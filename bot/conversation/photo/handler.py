"""A photo, or what may be taken for one: fetch it, keep it, and hand it to the queue."""

import asyncio
import logging
from contextlib import AbstractAsyncContextManager, nullcontext

from bot.conversation.context import Context
from bot.conversation.guests.view import no_photo
from bot.conversation.notice import Notice, notice
from bot.conversation.photo.caption_hint import caption_hint
from bot.conversation.photo.clip_album import CLIP_ALBUM
from bot.conversation.photo.failure import clip_failure, failure, too_big, try_later
from bot.conversation.photo.frames import Still, Stills
from bot.conversation.photo.held_back import held_back
from bot.conversation.photo.patient_downloads import PatientDownloads
from bot.conversation.photo.queue_position import queue_position
from bot.conversation.photo.refusal import Refusal, refuse
from bot.conversation.photo.request import Request, guests_photo, replied_photo, sent_photo
from bot.conversation.replies import reply
from bot.conversation.router import Router
from bot.errors import Later, Refused
from bot.pipeline.submit import Submitter
from bot.pipeline.waiting_notice import WaitingNotices
from bot.telegram.chosen_photo import ChosenPhoto
from bot.telegram.client import DOWNLOAD_LIMIT_BYTES, FileTooBig
from bot.telegram.update import ChatUpdate, UpdateKind
from db.chat.chat_records import JobRecord, JobStatus, PhotoForm
from db.unit import Unit
from inference.photo.decode import PhotoError, PhotoTooLarge, TooManyPixels
from inference.photo.video import ClipTooSlow
from inference.queue.protocol import Failure

SMALL_BYTES = 2**20
GUEST_PATIENCE_S = 5.0  # so long a guest query surely stays open
LARGE_FILES = 3  # of up to 20 MB, in memory at the same time on their way to the photo store

_TOO_MUCH = (PhotoTooLarge, TooManyPixels, ClipTooSlow)

log = logging.getLogger(__name__)


class Photos:
    """Takes photos in."""

    def __init__(self, downloads: PatientDownloads, submitter: Submitter, waiting_notices: WaitingNotices) -> None:
        self._downloads = downloads
        self._submitter = submitter
        self._waiting_notices = waiting_notices
        self._stills = Stills()
        self._large_files = asyncio.Semaphore(LARGE_FILES)

    def register(self, router: Router) -> None:
        """A photo that is sent, /breed as a reply to one, and our name where we are a guest."""
        router.on(UpdateKind.PHOTO, self.photo)
        router.on(UpdateKind.GUEST, self.guest)
        router.command("breed", self.breed)

    async def photo(self, update: ChatUpdate, context: Context) -> bool:
        """A message with a photo; in a group only where somebody wants it answered. Returns: as `look_at`."""
        sent = sent_photo(update)
        if sent is None or not update.asked or (update.edited and await _known(sent, update, context)):
            return False
        return await self.look_at(sent, update, context)

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
        if request.photo is None:
            taken: list[JobRecord] | Refusal = Refusal(Failure.UNREADABLE, failure(Failure.UNREADABLE, update.language))
        elif request.photo.size_bytes > DOWNLOAD_LIMIT_BYTES:
            taken = _too_big(update)
        elif self._submitter.full(update.sent_at):
            taken = Refusal(None, try_later(self._submitter.wait_s, update.language))
        else:
            with self._submitter.coming():
                taken = await self._take(request, update, request.photo, context)
        if isinstance(taken, Refusal):
            await refuse(taken, request.album, request.message_id, update, context)
            return False
        if taken[0].status is JobStatus.QUEUED:
            await self._keep_company(taken[0], update, context)
            self._submitter.look()
        await context.search_lists.end(update, context.sender)
        return True

    async def _keep_company(self, job: JobRecord, update: ChatUpdate, context: Context) -> None:
        """Until the answer comes. A guest query is not open for long: where it takes time, it is told at once how much,
        and the answer will take the place of that.
        """
        query_id = update.guest_query_id
        if query_id is None:
            self._waiting_notices.enter(job, update.language)
        elif (wait_s := self._submitter.wait_s) > GUEST_PATIENCE_S:
            word = queue_position(self._submitter.waiting + 1, wait_s, update.language)
            try:
                inline_message_id = await context.sender.answer_guest(update.chat_id, query_id, word, tries=1)
            except (Later, Refused) as trouble:  # a courtesy
                log.info("a guest waits without a word: %s", trouble)
                return
            async with context.database.unit() as unit:
                await unit.jobs.set_inline_message(job, inline_message_id)

    def _memory_for(self, chosen: ChosenPhoto) -> AbstractAsyncContextManager[object]:
        """Telegram's own sizes of a photo are small; of files as people send them only a few are held at a time."""
        small = 0 < chosen.size_bytes <= SMALL_BYTES
        return nullcontext() if small else self._large_files

    async def _take(
        self, request: Request, update: ChatUpdate, chosen: ChosenPhoto, context: Context
    ) -> list[JobRecord] | Refusal:
        """Fetch and store. Returns: a job for each picture, or why there is none."""
        try:
            async with self._downloads.fetched(
                chosen.file_id, self._memory_for(chosen), request.message_id, update, context
            ) as data:
                return await self._keep(data, request, update, chosen, context)
        except FileTooBig:
            return _too_big(update)

    async def _keep(
        self, data: bytes, request: Request, update: ChatUpdate, chosen: ChosenPhoto, context: Context
    ) -> list[JobRecord] | Refusal:
        if not data:
            return Refusal(Failure.UNREADABLE, failure(Failure.UNREADABLE, update.language))
        try:
            stills = await self._stills.of(data, chosen.mime)
        except PhotoError as error:
            log.info("a clip was not read: %s", error)
            reason = Failure.TOO_LARGE if isinstance(error, _TOO_MUCH) else Failure.UNREADABLE
            return Refusal(reason, clip_failure(reason, update.language))
        return await _store(request, update, chosen, stills, context)


async def _known(sent: Request, update: ChatUpdate, context: Context) -> bool:
    """Whether a message that was edited had its photo looked at before: it is answered once."""
    async with context.database.unit(read_only=True) as unit:
        return await unit.jobs.by_message(update.chat_id, sent.message_id) is not None


def _too_big(update: ChatUpdate) -> Refusal:
    return Refusal(Failure.TOO_LARGE, too_big(DOWNLOAD_LIMIT_BYTES, update.language))


async def _store(
    request: Request, update: ChatUpdate, chosen: ChosenPhoto, stills: list[Still], context: Context
) -> list[JobRecord]:
    kept = [(still, await context.photo_store.put(still.data)) for still in stills]
    album = request.album or (f"{CLIP_ALBUM}{update.update_id}" if len(stills) > 1 else None)
    async with context.database.unit() as unit:
        await unit.inbox.finish(update.update_id)
        known = await unit.jobs.by_update(update.update_id)
        if update.awaiting_search_for is not None or update.reviewing is not None:
            await unit.users.await_search(update.user_id, None)
        if known is not None:
            return [known]  # and whatever came with it: stored together, and taken up again together
        if album is not None:
            await unit.albums.open(update.chat_id, album, update.user_id)
        jobs = [await _add(unit, still, sha256, album, request, update, chosen) for still, sha256 in kept]
        for still, sha256 in kept:  # the same photo may have been erased just before its row was ours
            if not await context.photo_store.has(sha256):
                await context.photo_store.put(still.data)
    context.metrics.jobs.inc(len(jobs))
    for job in jobs:
        log.info("photo queued", extra={"job": job.id})
    return jobs


async def _add(
    unit: Unit,
    still: Still,
    sha256: str,
    album: str | None,
    request: Request,
    update: ChatUpdate,
    chosen: ChosenPhoto,
) -> JobRecord:
    width, height = (chosen.width, chosen.height) if chosen.form is PhotoForm.PHOTO else (0, 0)
    await unit.photos.add(sha256, size_bytes=len(still.data), mime=still.mime, width=width, height=height)
    return await unit.jobs.add(
        photo_sha256=sha256,
        user_id=update.user_id,
        chat_id=update.chat_id,
        message_id=request.message_id,
        update_id=None if still.frame else update.update_id,  # the first frame stands for all
        media_group_id=album,
        caption_hint=caption_hint(request.caption),
        form=PhotoForm.CUT_FILE if still.cut else chosen.form,
        frame=still.frame,
        thread_id=update.thread_id,
        guest_query_id=update.guest_query_id,
    )
