"""A photo: fetch it, keep it, and hand it to the queue."""

import logging

from telegram.error import RetryAfter, TelegramError

from bot.handlers.reply import reply
from bot.incoming import Incoming
from bot.lanes import Later
from bot.outgoing import seconds
from bot.photo_choice import ChosenPhoto, choose
from bot.services import Services
from bot.telegram_bot import DOWNLOAD_LIMIT_BYTES, FileGone, FileTooBig
from bot.views.failure import failure, too_big
from db.records import JobRecord, JobStatus
from inference.queue import Failure

log = logging.getLogger(__name__)


async def photo(incoming: Incoming, services: Services) -> None:
    """Answer comes later, by way of the queue; what cannot be a photo is answered here."""
    if incoming.message is None or (chosen := choose(incoming.message)) is None:
        return
    if chosen.size_bytes > DOWNLOAD_LIMIT_BYTES:
        await reply(incoming, services, too_big(DOWNLOAD_LIMIT_BYTES, incoming.language))
        return
    try:
        data = await _download(chosen, services)
    except FileTooBig:
        await reply(incoming, services, too_big(DOWNLOAD_LIMIT_BYTES, incoming.language))
        return
    except FileGone as gone:
        log.warning("update %s: the file is gone: %s", incoming.update_id, gone)
        await reply(incoming, services, failure(Failure.MISSING, incoming.language))
        return
    if not data:
        await reply(incoming, services, failure(Failure.UNREADABLE, incoming.language))
        return
    job = await _store(incoming, chosen, data, services)
    if job.status is JobStatus.QUEUED:
        services.waiting_room.enter(job, incoming.language)
        services.feeder.put(job)


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
