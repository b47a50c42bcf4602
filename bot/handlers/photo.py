"""A photo: fetch it, keep it, and hand it to the queue."""

import logging
from contextlib import AbstractAsyncContextManager, nullcontext

from telegram.error import RetryAfter, TelegramError

from bot.handlers.reply import reply
from bot.incoming import Incoming
from bot.lanes import Later
from bot.outgoing import seconds
from bot.photo_choice import ChosenPhoto, choose
from bot.services import Services
from bot.telegram_bot import DOWNLOAD_LIMIT_BYTES, FileGone, FileTooBig
from bot.views.failure import failure, too_big, try_later
from bot.views.view import View
from db.records import JobRecord, JobStatus
from inference.queue import Failure

SMALL_BYTES = 2**20

log = logging.getLogger(__name__)


async def photo(incoming: Incoming, services: Services) -> None:
    """Answer comes later, by way of the queue; what cannot be a photo is answered here."""
    if incoming.message is None or (chosen := choose(incoming.message)) is None:
        return
    if chosen.size_bytes > DOWNLOAD_LIMIT_BYTES:
        taken: JobRecord | View = too_big(DOWNLOAD_LIMIT_BYTES, incoming.language)
    elif services.feeder.full:
        taken = try_later(services.feeder.wait_s, incoming.language)
    else:
        async with _memory_for(chosen, services):
            taken = await _take(incoming, chosen, services)
    if isinstance(taken, View):
        await reply(incoming, services, taken)
    elif taken.status is JobStatus.QUEUED:
        services.waiting_room.enter(taken, incoming.language)
        services.feeder.put(taken)


def _memory_for(chosen: ChosenPhoto, services: Services) -> AbstractAsyncContextManager[object]:
    """Telegram's own sizes of a photo are small; of files as people send them only a few are held at a time."""
    small = 0 < chosen.size_bytes <= SMALL_BYTES
    return nullcontext() if small else services.large_files


async def _take(incoming: Incoming, chosen: ChosenPhoto, services: Services) -> JobRecord | View:
    """Fetch and store. Returns: the job, or what to say because there is none."""
    try:
        data = await _download(chosen, services)
    except FileTooBig:
        return too_big(DOWNLOAD_LIMIT_BYTES, incoming.language)
    except FileGone as gone:
        log.warning("update %s: the file is gone: %s", incoming.update_id, gone)
        return failure(Failure.MISSING, incoming.language)
    if not data:
        return failure(Failure.UNREADABLE, incoming.language)
    return await _store(incoming, chosen, data, services)


async def _download(chosen: ChosenPhoto, services: Services) -> bytes:
    try:
        return await services.bot.download(chosen.file_id)
    except RetryAfter as error:
        raise Later(error.message, seconds(error)) from error
    except TelegramError as error:
        services.metrics.retries.labels("download").inc()
        raise Later(error.message) from error


async def _store(incoming: Incoming, chosen: ChosenPhoto, data: bytes, services: Services) -> JobRecord:
    sha256 = await services.photo_store.put(data)
    assert incoming.message is not None  # noqa: S101 - the caller looked
    async with services.database.unit() as unit:
        await unit.photos.add(sha256, size_bytes=len(data), mime=chosen.mime, width=chosen.width, height=chosen.height)
        known = await unit.jobs.by_update(incoming.update_id)
        job = known or await unit.jobs.add(
            photo_sha256=sha256,
            user_id=incoming.user_id,
            chat_id=incoming.chat_id,
            message_id=incoming.message.message_id,
            update_id=incoming.update_id,
        )
        await unit.users.await_search(incoming.user_id, None)
    if known is None:
        services.metrics.jobs.inc()
    return job
