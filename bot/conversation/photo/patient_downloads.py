"""A file that takes its time: whoever waits for it hears so, once, and it is tried on."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime

from bot.conversation.context import Context
from bot.conversation.photo.failure import slow_file
from bot.errors import Later, Refused
from bot.telegram.downloads import Downloads
from bot.telegram.update import ChatUpdate

SLOW, SLOW_KEPT_S = "slow file", 3600.0  # a word about it is one about all tries of this update


class PatientDownloads:
    """`Downloads`, with a word for who waits."""

    def __init__(self, downloads: Downloads, slow_s: float) -> None:
        """`slow_s`: so long nothing is said. The word ends a try that may be stuck; the next has its full time."""
        self._downloads = downloads
        self._slow_s = slow_s

    @asynccontextmanager
    async def fetched(
        self,
        file_id: str,
        room: AbstractAsyncContextManager[object],
        message_id: int,
        update: ChatUpdate,
        context: Context,
    ) -> AsyncIterator[bytes]:
        """A file's bytes, within `room`: others' files may have to go first, and that is waiting, too.

        Raises as `Downloads.get`; `Later` also where they did not come in time for silence.
        """
        async with AsyncExitStack() as held:
            async with self._patience(message_id, update, context):
                await held.enter_async_context(room)
                data = await self._downloads.get(file_id)
            yield data

    @asynccontextmanager
    async def _patience(self, message_id: int, update: ChatUpdate, context: Context) -> AsyncIterator[None]:
        told = not context.fair_use.to_be_told(SLOW, update.update_id)
        try:
            async with asyncio.timeout(None if told else self._slow_s):
                yield
        except TimeoutError:
            await _tell(message_id, update, context)
            raise Later(f"the file did not come in {self._slow_s} s") from None
        except Later:
            if not told and (datetime.now(UTC) - update.sent_at).total_seconds() > self._slow_s / 2:
                await _tell(message_id, update, context)
            raise


async def _tell(message_id: int, update: ChatUpdate, context: Context) -> None:
    context.fair_use.told(SLOW, update.update_id, SLOW_KEPT_S)
    if update.guest_query_id is not None:  # there is one answer to it, which shall be that of the photo
        return
    try:
        word = slow_file(update.language)
        await context.sender.send(update.chat_id, word, message_id, thread_id=update.thread_id, tries=1)
    except (Later, Refused):  # a courtesy
        return
