"""A file on its way from Telegram into the photo store: fetched, taken apart, and kept together with its jobs.

What there is to look at in a photo is one picture, in a GIF or a video a few frames.
"""

import asyncio
import logging
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.conversation.breeds.breed_name import caption_hint
from bot.conversation.context import Context
from bot.conversation.photo.refusal import Refusal
from bot.conversation.photo.request import Request
from bot.conversation.photo.view import clip_failure, failure, foreign, slow_file, too_big
from bot.errors import Later, Refused
from bot.telegram.client import DOWNLOAD_LIMIT_BYTES, FileTooBig
from bot.telegram.downloads import Downloads
from bot.telegram.update import ChatUpdate, ChosenPhoto
from db.chat.chat_records import JobRecord, PhotoForm
from db.unit import Unit
from inference.photo.decode import PhotoError, PhotoTooLarge, TooManyPixels
from inference.photo.formats import SNIFF_BYTES, clip_format, photo_format, refused_format
from inference.photo.metadata.strip_metadata import strip_metadata
from inference.photo.video import DEFAULT_LIMITS, ClipLimits, ClipTooSlow, clip_frames
from inference.queue.protocol import Failure

SMALL_BYTES = 2**20
LARGE_FILES = 3  # of up to 20 MB, in memory at the same time on their way to the photo store
SLOW, SLOW_KEPT_S = "slow file", 3600.0  # a word about it is one about all tries of this update
CLIPS = 2  # read at the same time; each takes a core and some hundred megabytes for a second or two
CLIP_ALBUM = "clip:"  # the frames of a film are an album of ours, complete from the start

_TOO_MUCH = (PhotoTooLarge, TooManyPixels, ClipTooSlow)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Still:
    """One picture as bytes, without what cameras note. `frame`: which one of a film; None: it does not move."""

    data: bytes
    mime: str
    frame: int | None = None


class Stills:
    """Bounded in how much is read at once."""

    def __init__(self, limits: ClipLimits = DEFAULT_LIMITS) -> None:
        self._limits = limits
        self._turns = asyncio.Semaphore(CLIPS)

    async def of(self, data: bytes, mime: str) -> list[Still]:
        """At least one. The bytes decide what a file is, not what it claims to be.

        Raises:
            PhotoError: it is a video that cannot be read. Whether a photo can, its decoder finds out, also of a GIF
                whose film could not be followed: its first picture is looked at, as everywhere else.
        """
        frames: list[bytes] = []
        try:
            if clip_format(data) is not None:
                async with self._turns:
                    frames = await clip_frames(data, self._limits)
        except PhotoError as error:
            if photo_format(data[:SNIFF_BYTES]) is None:
                raise
            log.info("of a moving picture the first one is looked at: %s", error)
        if not frames or (len(frames) == 1 and photo_format(data[:SNIFF_BYTES]) is not None):
            return [Still(await asyncio.to_thread(strip_metadata, data), mime)]  # what does not move goes one way
        if len(frames) == 1:
            return [Still(frames[0], "image/jpeg")]
        return [Still(frame, "image/jpeg", number) for number, frame in enumerate(frames)]


class PhotoFiles:
    """Takes files in; of large ones only a few are held at a time."""

    def __init__(self, downloads: Downloads, slow_s: float) -> None:
        """`slow_s`: so long nothing is said to who waits for a file."""
        self._downloads = downloads
        self._slow_s = slow_s
        self._stills = Stills()
        self._large_files = asyncio.Semaphore(LARGE_FILES)

    async def take(
        self, request: Request, chosen: ChosenPhoto, update: ChatUpdate, context: Context
    ) -> list[JobRecord] | Refusal:
        """Returns: a job for each picture, or why there is none. Raises as `Downloads.get`, but for files too big."""
        async with AsyncExitStack() as memory:
            try:
                data = await self._fetched(chosen, memory, request.message_id, update, context)
            except FileTooBig:
                return Refusal(Failure.TOO_LARGE, too_big(DOWNLOAD_LIMIT_BYTES, update.language))
            if not data:
                return Refusal(Failure.UNREADABLE, failure(Failure.UNREADABLE, update.language))
            if clip_format(data) is None and (other := refused_format(data)):
                return Refusal(Failure.UNREADABLE, foreign(other[0], update.language))
            try:
                stills = await self._stills.of(data, chosen.mime)
            except PhotoError as error:
                log.info("a clip was not read: %s", error)
                reason = Failure.TOO_LARGE if isinstance(error, _TOO_MUCH) else Failure.UNREADABLE
                return Refusal(reason, clip_failure(reason, update.language))
            return await _keep(stills, request, chosen, update, context)

    async def _fetched(
        self, chosen: ChosenPhoto, memory: AsyncExitStack, message_id: int, update: ChatUpdate, context: Context
    ) -> bytes:
        """Whoever waits for long hears so, once. The word ends a try that may be stuck; the next has its full time.

        Others' large files may have to go first, and that is waiting, too.
        """
        told = not context.fair_use.to_be_told(SLOW, update.update_id)
        try:
            async with asyncio.timeout(None if told else self._slow_s):
                if not 0 < chosen.size_bytes <= SMALL_BYTES:  # as Telegram's own sizes of a photo are
                    await memory.enter_async_context(self._large_files)
                return await self._downloads.get(chosen.file_id, chosen.size_bytes)
        except TimeoutError:
            await _tell_slow(message_id, update, context)
            raise Later(f"the file did not come in {self._slow_s} s") from None
        except Later:
            if not told and (datetime.now(UTC) - update.sent_at).total_seconds() > self._slow_s / 2:
                await _tell_slow(message_id, update, context)
            raise


async def _tell_slow(message_id: int, update: ChatUpdate, context: Context) -> None:
    context.fair_use.told(SLOW, update.update_id, SLOW_KEPT_S)
    if update.guest_query_id is not None:  # there is one answer to it, which shall be that of the photo
        return
    try:
        word = slow_file(update.language)
        await context.sender.send(update.chat_id, word, message_id, thread_id=update.thread_id, tries=1)
    except (Later, Refused):  # a courtesy
        return


async def _keep(
    stills: list[Still], request: Request, chosen: ChosenPhoto, update: ChatUpdate, context: Context
) -> list[JobRecord]:
    """Photos, jobs and the end of the update in one transaction: after it, each photo has its answer to come."""
    kept = [(still, await context.photo_store.put(still.data)) for still in stills]
    album = request.album or (f"{CLIP_ALBUM}{update.update_id}" if len(stills) > 1 else None)
    width, height = (chosen.width, chosen.height) if chosen.form is PhotoForm.PHOTO else (0, 0)
    hint = caption_hint(request.caption) if request.caption else None

    async def keep(unit: Unit) -> list[JobRecord]:
        ended = await unit.inbox.finish(update.update_id)
        known = None if ended is not None else await unit.jobs.by_update(update.update_id)
        if update.awaiting_search_for is not None or update.reviewing is not None:
            await unit.users.await_search(update.user_id, None)
        if known is not None:
            return [known]  # and whatever came with it: stored together, and taken up again together
        if album is not None:
            await unit.albums.open(update.chat_id, album, update.user_id)
        jobs = list[JobRecord]()
        for still, sha256 in kept:
            await unit.photos.add(sha256, size_bytes=len(still.data), mime=still.mime, width=width, height=height)
            job = await unit.jobs.add(
                photo_sha256=sha256,
                user_id=update.user_id,
                chat_id=update.chat_id,
                message_id=request.message_id,
                update_id=None if still.frame else update.update_id,  # the first frame stands for all
                media_group_id=album,
                caption_hint=hint,
                form=chosen.form,
                frame=still.frame,
                thread_id=update.thread_id,
                guest_query_id=update.guest_query_id,
            )
            jobs.append(job)
        for still, sha256 in kept:  # the same photo may have been erased just before its row was ours
            if not await context.photo_store.has(sha256):
                await context.photo_store.put(still.data)
        return jobs

    jobs = await context.database.write(keep)
    context.metrics.jobs.inc(len(jobs))
    for job in jobs:
        log.info("photo queued", extra={"job": job.id})
    return jobs
