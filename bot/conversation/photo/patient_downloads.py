"""A file that takes its time: whoever waits for it hears so, once, and it is tried on."""

import asyncio
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

    async def get(self, file_id: str, message_id: int, update: ChatUpdate, context: Context) -> bytes:
        """A file's bytes. Raises as `Downloads.get`; `Later` also where they did not come in time for silence."""
        told = not context.fair_use.to_be_told(SLOW, update.update_id)
        try:
            async with asyncio.timeout(None if told else self._slow_s):
                return await self._downloads.get(file_id)
        except TimeoutError:
            await _tell(message_id, update, context)
            raise Later(f"the file did not come in {self._slow_s} s") from None
        except Later:
            if not told and (datetime.now(UTC) - update.sent_at).total_seconds() > self._slow_s / 2:
                await _tell(message_id, update, context)
            raise


async def _tell(message_id: int, update: ChatUpdate, context: Context) -> None:
    context.fair_use.told(SLOW, update.update_id, SLOW_KEPT_S)
    try:
        word = slow_file(update.language)
        await context.sender.send(update.chat_id, word, message_id, thread_id=update.thread_id, tries=1)
    except (Later, Refused):  # a courtesy
        return
