"""Fetches people's files from Telegram, with a few tries at once before the whole chat is put off."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path, PurePosixPath
from stat import S_ISREG
from typing import TypeVar

from telegram.error import NetworkError, RetryAfter, TelegramError

from bot.errors import Later
from bot.metrics import Metrics
from bot.telegram.client import DOWNLOAD_LIMIT_BYTES, FileGone, FileTooBig, TelegramBot, seconds
from bot.timing import Timing

log = logging.getLogger(__name__)

LONGEST_PAUSE_S = 30.0  # however long Telegram asks for: then it is tried once more

T = TypeVar("T")


class LocalFiles:
    """Files that a Bot API server started with `--local` leaves on the disk and names by their whole path.

    https://core.telegram.org/bots/api#using-a-local-bot-api-server. Paths have the token in them: none is logged.
    """

    def __init__(self, folder: Path | None) -> None:
        """`folder`: nothing outside of it is read; None: nothing is."""
        self._folder = folder
        self._said = False

    async def read(self, path: str) -> bytes:
        """A file's bytes.

        Raises:
            FileTooBig: more than we take from anywhere.
            FileGone: it is not there, or not below the folder.
            NetworkError: it cannot be read now.
        """
        if self._folder is None:
            self._say(
                "the Bot API server keeps files on its disk (--local): set BREEDBOT_TELEGRAM_FILES to their folder"
            )
            raise FileGone("BREEDBOT_TELEGRAM_FILES is not set")
        try:
            return await asyncio.to_thread(_read_below, self._folder, path)
        except _Elsewhere:
            self._say(f"BREEDBOT_TELEGRAM_FILES={self._folder}: the Bot API server keeps its files elsewhere")
            raise FileGone("not below BREEDBOT_TELEGRAM_FILES") from None
        except FileNotFoundError:
            raise FileGone("the file is not there") from None
        except OSError as error:
            self._say(f"BREEDBOT_TELEGRAM_FILES={self._folder}: {error.strerror}")
            raise NetworkError(f"the file cannot be read: {error.strerror}") from None

    def _say(self, line: str) -> None:
        """Once: it is the same for all files."""
        if not self._said:
            self._said = True
            log.error("%s", line)


class Downloads:
    """Of all chats together. Where a file is gets asked once, however often its bytes are cut off."""

    def __init__(self, bot: TelegramBot, timing: Timing, metrics: Metrics, folder: Path | None = None) -> None:
        """`folder`: what a Bot API server on this machine (`--local`) has fetched; None = files come by HTTP."""
        self._bot = bot
        self._local = LocalFiles(folder)
        self._timing = timing
        self._metrics = metrics
        self._paused_until = {"getFile": 0.0, "file": 0.0}  # by kind of call

    async def get(self, file_id: str, size_bytes: int = 0) -> bytes:
        """A file's bytes.

        Of another size than Telegram has named (`size_bytes`, 0 = it has not) they may be a proxy's page, or a part: it
        is asked again. What comes each time is taken, as the size may be what is wrong.

        Raises:
            FileTooBig: more than Telegram gives to bots.
            Later: Telegram could not be reached, or asks for a longer pause.
            FileGone: the same, and the reason is that it does not give this file.
        """
        began, failed = time.perf_counter(), 0
        data: bytes | None = None
        while data is None:
            try:
                data = await self._found(file_id, size_bytes if failed + 1 < self._timing.tries_at_once else 0)
            except FileGone as gone:  # a place may be of yesterday, and a file be there in a moment
                self._metrics.retries.labels("download").inc()
                failed += 1
                if failed >= self._timing.tries_at_once:
                    raise
                log.info("a file is asked for again: %s", gone)
                await asyncio.sleep(self._timing.at_once.delay_s(failed))
        took_s = time.perf_counter() - began
        self._metrics.download_seconds.observe(took_s)
        log.info("photo downloaded", extra={"bytes": len(data), "seconds": round(took_s, 3)})
        return data

    async def _found(self, file_id: str, size_bytes: int) -> bytes:
        path = await self._tried("getFile", partial(self._bot.file_path, file_id))
        if ".." in PurePosixPath(path).parts:
            log.error("the Bot API server names a file by a path with '..': it is not fetched")
            raise FileGone("a path with '..'")
        data = await self._tried(
            "file", partial(self._local.read if path.startswith("/") else self._bot.download, path)
        )
        if size_bytes and len(data) != size_bytes:
            raise FileGone(f"{len(data)} bytes came instead of {size_bytes}")
        return data

    async def _tried(self, kind: str, call: Callable[[], Awaitable[T]]) -> T:
        """Pauses are no tries: whoever waits one out has done nothing in vain. But nobody waits for ever.

        Where Telegram asks for a pause it names no chat, so that the pause is everybody's, for calls of this kind.
        """
        failed, until = 0, time.monotonic() + self._timing.request_s
        while True:
            while (left_s := self._paused_until[kind] - time.monotonic()) > 0:
                if left_s > self._timing.patience_s:
                    raise Later("Telegram asked for a pause", left_s)
                await asyncio.sleep(left_s)
            asked_at = time.monotonic()
            try:
                return await call()
            except TelegramError as error:
                self._metrics.retries.labels("download").inc()
                if not isinstance(error, RetryAfter):
                    failed += 1
                elif asked_at >= self._paused_until[kind]:  # else it was on its way when the pause began
                    self._paused_until[kind] = time.monotonic() + min(seconds(error), LONGEST_PAUSE_S)
                if failed >= self._timing.tries_at_once or time.monotonic() > until:
                    raise Later(error.message) from error
            if failed:
                await asyncio.sleep(self._timing.at_once.delay_s(failed))


class _Elsewhere(Exception):
    """A file that is not below the folder."""


def _read_below(folder: Path, path: str) -> bytes:
    """Links are followed first. Raises: OSError, FileTooBig, _Elsewhere."""
    file = Path(path).resolve()
    if not file.is_relative_to(folder.resolve()):
        raise _Elsewhere
    if not S_ISREG(file.stat().st_mode):  # a pipe would never end
        raise FileNotFoundError
    with file.open("rb") as opened:
        data = opened.read(DOWNLOAD_LIMIT_BYTES + 1)
    if len(data) > DOWNLOAD_LIMIT_BYTES:
        raise FileTooBig(f"more than {DOWNLOAD_LIMIT_BYTES} bytes")
    return data
