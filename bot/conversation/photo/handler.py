"""A photo, or what may be taken for one: fetch it, keep it, and hand it to the queue."""

import logging
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.conversation.context import Services
from bot.conversation.photo.caption_hint import caption_hint
from bot.conversation.photo.failure import clip_failure, failure, too_big, try_later
from bot.conversation.photo.frames import Still
from bot.conversation.photo.held_back import held_back
from bot.conversation.photo.refusal import Refusal, refuse
from bot.conversation.photo.select import ChosenPhoto, Source, choose
from bot.pipeline.album_timer import CLIP_ALBUM
from bot.telegram.client import DOWNLOAD_LIMIT_BYTES, FileGone, FileTooBig
from bot.telegram.update import Incoming
from db.chat.chat_records import JobRecord, JobStatus, PhotoForm
from db.unit import Unit
from inference.photo.decode import PhotoError, PhotoTooLarge, TooManyPixels
from inference.photo.video import ClipTooSlow
from inference.queue.protocol import Failure

SMALL_BYTES = 2**20

_TOO_MUCH = (PhotoTooLarge, TooManyPixels, ClipTooSlow)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Request:
    """Something to be looked at.

    Attributes:
        source: the message that carries it, or what is shown of one in another chat.
        message_id: of the message that the answer replies to.
        album: Telegram's media_group_id, if it is part of an album that is answered as a whole.
        caption: what was written beside it.
    """

    source: Source
    message_id: int
    album: str | None = None
    caption: str | None = None


async def photo(incoming: Incoming, services: Services) -> None:
    """A message with a photo; in a group only where somebody wants it answered."""
    message = incoming.message
    if message is not None and incoming.asked:
        await look_at(Request(message, message.message_id, message.media_group_id, message.caption), incoming, services)


async def look_at(request: Request, incoming: Incoming, services: Services) -> None:
    """Answer comes later, by way of the queue; what cannot be a photo is answered here, or in its album's answer."""
    if await held_back(incoming, services, request.album):
        return
    chosen = choose(request.source)
    if chosen is None:
        taken: list[JobRecord] | Refusal = Refusal(Failure.UNREADABLE, failure(Failure.UNREADABLE, incoming.language))
    elif chosen.size_bytes > DOWNLOAD_LIMIT_BYTES:
        taken = _too_big(incoming)
    elif services.feeder.full(incoming.message.date if incoming.message is not None else datetime.now(UTC)):
        taken = Refusal(None, try_later(services.feeder.wait_s, incoming.language))
    else:
        with services.feeder.coming():
            async with _memory_for(chosen, services):
                taken = await _take(request, incoming, chosen, services)
    if isinstance(taken, Refusal):
        await refuse(taken, request.album, request.message_id, incoming, services)
    elif taken[0].status is JobStatus.QUEUED:
        services.waiting_room.enter(taken[0], incoming.language)
        for job in taken:
            services.feeder.put(job)


def _memory_for(chosen: ChosenPhoto, services: Services) -> AbstractAsyncContextManager[object]:
    """Telegram's own sizes of a photo are small; of files as people send them only a few are held at a time."""
    small = 0 < chosen.size_bytes <= SMALL_BYTES
    return nullcontext() if small else services.large_files


async def _take(
    request: Request, incoming: Incoming, chosen: ChosenPhoto, services: Services
) -> list[JobRecord] | Refusal:
    """Fetch and store. Returns: a job for each picture, or why there is none."""
    try:
        data = await services.downloads.get(chosen.file_id)
    except FileTooBig:
        return _too_big(incoming)
    except FileGone as gone:
        log.warning("update %s: the file is gone: %s", incoming.update_id, gone)
        return Refusal(Failure.MISSING, failure(Failure.MISSING, incoming.language))
    if not data:
        return Refusal(Failure.UNREADABLE, failure(Failure.UNREADABLE, incoming.language))
    try:
        stills = await services.stills.of(data, chosen.mime)
    except PhotoError as error:
        log.info("a clip was not read: %s", error)
        reason = Failure.TOO_LARGE if isinstance(error, _TOO_MUCH) else Failure.UNREADABLE
        return Refusal(reason, clip_failure(reason, incoming.language))
    return await _store(request, incoming, chosen, stills, services)


def _too_big(incoming: Incoming) -> Refusal:
    return Refusal(Failure.TOO_LARGE, too_big(DOWNLOAD_LIMIT_BYTES, incoming.language))


async def _store(
    request: Request, incoming: Incoming, chosen: ChosenPhoto, stills: list[Still], services: Services
) -> list[JobRecord]:
    kept = [(still, await services.photo_store.put(still.data)) for still in stills]
    album = request.album or (f"{CLIP_ALBUM}{incoming.update_id}" if len(stills) > 1 else None)
    async with services.database.unit() as unit:
        known = await unit.jobs.by_update(incoming.update_id)
        if incoming.awaiting_search_for is not None or incoming.reviewing is not None:
            await unit.users.await_search(incoming.user_id, None)
        if known is not None:
            return [known]  # and whatever came with it: stored together, and taken up again together
        if album is not None:
            await unit.albums.open(incoming.chat_id, album, incoming.user_id)
        jobs = [await _add(unit, still, sha256, album, request, incoming, chosen) for still, sha256 in kept]
        for still, sha256 in kept:  # the same photo may have been erased just before its row was ours
            if not await services.photo_store.has(sha256):
                await services.photo_store.put(still.data)
    services.metrics.jobs.inc(len(jobs))
    for job in jobs:
        log.info("photo queued", extra={"job": job.id})
    return jobs


async def _add(
    unit: Unit,
    still: Still,
    sha256: str,
    album: str | None,
    request: Request,
    incoming: Incoming,
    chosen: ChosenPhoto,
) -> JobRecord:
    width, height = (chosen.width, chosen.height) if chosen.form is PhotoForm.PHOTO else (0, 0)
    await unit.photos.add(sha256, size_bytes=len(still.data), mime=still.mime, width=width, height=height)
    return await unit.jobs.add(
        photo_sha256=sha256,
        user_id=incoming.user_id,
        chat_id=incoming.chat_id,
        message_id=request.message_id,
        update_id=None if still.frame else incoming.update_id,  # the first frame stands for all
        media_group_id=album,
        caption_hint=caption_hint(request.caption),
        form=chosen.form,
        frame=still.frame,
    )
