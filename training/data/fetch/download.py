"""One large file over HTTP, whole and verified or not at all; a cut-off download goes on where it was.

DownloadError
├── SourceUnreachable   nothing comes, however often it is asked; what came before is kept
├── SourceRefused       the server has no such file, or another one
├── DownloadCorrupt     everything came, and it is not what was promised; it is deleted
└── DiskFull            the disk cannot take it; what came before is kept
"""

import asyncio
import errno
import hashlib
import logging
import os
import re
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

import aiohttp
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type, stop_after_attempt, wait_exponential_jitter
from tenacity.wait import wait_base

PART = ".part"
TRIES = 6  # in a row without a single new byte: a minute with the waits between them
CHUNK_BYTES = 2**20
TIMEOUT = aiohttp.ClientTimeout(total=None, sock_connect=30, sock_read=60)
_LATER = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS}
_KEPT = "; so far "
_RANGE = re.compile(r"bytes (\d+)-\d+/(\d+|\*)")

Progress = Callable[[int], None]

log = logging.getLogger(__name__)


class DownloadError(Exception):
    """The file is not there."""


class SourceUnreachable(DownloadError):
    """The network or the server does not answer; trying again later may help."""


class SourceRefused(DownloadError):
    """The server answers, but not with this file."""


class DownloadCorrupt(DownloadError):
    """Bytes of the right number, but the wrong ones."""


class DiskFull(DownloadError):
    """There is no space for the rest."""


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """What is to be had, and how to know it.

    Attributes:
        url: http or https.
        size_bytes: of the whole file.
        sha256: 64 lower-case hex digits.
    """

    url: str
    size_bytes: int
    sha256: str


async def download(
    file: RemoteFile, target: Path, progress: Progress, *, wait: wait_base | None = None, tries: int = TRIES
) -> None:
    """Make ``target`` that file; if it is so already, nothing is asked of the server.

    Args:
        file: what to fetch.
        target: in an existing folder; until it is whole, its bytes are in ``<target>.part``.
        progress: told the bytes that are there so far, after each chunk.
        wait: between tries; exponential with jitter by default.
        tries: how often in a row the server may send nothing at all.

    Raises:
        DownloadError: one of its subclasses.
    """
    if await asyncio.to_thread(_is_verified, file, target):
        progress(file.size_bytes)
        return
    part = target.with_name(target.name + PART)
    wait = wait or wait_exponential_jitter(initial=1, max=30)
    async with aiohttp.ClientSession(timeout=TIMEOUT, auto_decompress=False) as session:
        best = _size(part)
        while _size(part) < file.size_bytes:
            async for attempt in AsyncRetrying(
                stop=stop_after_attempt(tries),
                wait=wait,
                before_sleep=_say,
                retry=retry_if_exception_type(SourceUnreachable),
                reraise=True,
            ):
                with attempt:
                    best = await _advance(session, file, part, best, progress)
    await asyncio.to_thread(_accept, file, part, target)


async def _advance(session: aiohttp.ClientSession, file: RemoteFile, part: Path, best: int, progress: Progress) -> int:
    """Take what one answer brings. Returns: the most bytes there ever were; SourceUnreachable if no more came."""
    try:
        async with _answer(session, file, part) as (answer, start):
            await _append(answer, part, start, file.size_bytes, progress)
    except (aiohttp.InvalidURL, aiohttp.NonHttpUrlClientError) as error:
        raise SourceRefused(f"{file.url}: not an address of the web") from error
    except (aiohttp.ClientError, TimeoutError) as error:
        if _size(part) <= best:
            raise SourceUnreachable(_unreachable(file, part, error)) from error
    if _size(part) <= best:
        raise SourceUnreachable(_unreachable(file, part, "the answer ended too early"))
    return _size(part)


@asynccontextmanager
async def _answer(
    session: aiohttp.ClientSession, file: RemoteFile, part: Path
) -> AsyncIterator[tuple[aiohttp.ClientResponse, int]]:
    """Ask for what is missing; the answer begins at the byte that comes with it: 0 where the server knows no ranges."""
    have = _size(part)
    headers = {"Accept-Encoding": "identity", **({"Range": f"bytes={have}-"} if have else {})}
    async with session.get(file.url, headers=headers) as answer:
        if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR or answer.status in _LATER:
            answer.raise_for_status()
        if answer.status not in {HTTPStatus.OK, HTTPStatus.PARTIAL_CONTENT}:
            raise SourceRefused(f"{file.url}: {answer.status} {answer.reason}; --url names a mirror")
        start, total = _stretch(answer)
        if total not in {None, file.size_bytes} or start > have:
            raise SourceRefused(
                f"{file.url}: has {total} bytes from {start}, expected {file.size_bytes}: another file, or a page that "
                "asks for a login; --url names a mirror"
            )
        yield answer, start


def _stretch(answer: aiohttp.ClientResponse) -> tuple[int, int | None]:
    """First byte of the answer and size of the whole file, as its head declares them (RFC 9110, 14.4)."""
    if answer.status == HTTPStatus.OK:
        return 0, answer.content_length
    found = _RANGE.fullmatch(answer.headers.get("Content-Range", ""))
    if found is None:
        raise SourceRefused(f"{answer.url}: a part without a Content-Range; --url names a mirror")
    return int(found[1]), None if found[2] == "*" else int(found[2])


async def _append(answer: aiohttp.ClientResponse, part: Path, start: int, limit_bytes: int, progress: Progress) -> None:
    have = start
    with _disk(part), part.open("ab") as file:
        file.truncate(start)
        async for chunk in answer.content.iter_chunked(CHUNK_BYTES):
            have += len(chunk)
            if have > limit_bytes:
                raise SourceRefused(f"{answer.url}: sends more than the {limit_bytes} bytes expected")
            file.write(chunk)
            progress(have)


def _is_verified(file: RemoteFile, target: Path) -> bool:
    if not target.exists():
        return False
    if (found := _sha256(target)) != file.sha256:
        raise DownloadCorrupt(f"{target}: has the SHA-256 {found}, expected {file.sha256}; remove it, it comes anew")
    return True


def _accept(file: RemoteFile, part: Path, target: Path) -> None:
    if (found := _sha256(part)) != file.sha256:
        part.unlink()
        raise DownloadCorrupt(
            f"{file.url}: what came has the SHA-256 {found}, expected {file.sha256}; it was deleted, run the command "
            "again or name a mirror with --url"
        )
    part.replace(target)


def _sha256(path: Path) -> str:
    """Of what has reached the disk."""
    with path.open("rb") as content:
        os.fsync(content.fileno())
        return hashlib.file_digest(content, "sha256").hexdigest()


@contextmanager
def _disk(part: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:  # those of the network pass: they have other numbers
        if error.errno not in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}:
            raise
        raise DiskFull(
            f"{part}: {error.strerror}; free some space and run the command again, it goes on where it was"
        ) from error


def _say(state: RetryCallState) -> None:
    if state.outcome is not None and state.next_action is not None:
        reason = str(state.outcome.exception()).partition(_KEPT)[0]
        log.warning("%s; trying again in %.0f s", reason, state.next_action.sleep)


def _unreachable(file: RemoteFile, part: Path, reason: object) -> str:
    have = _size(part)
    kept = f"{_KEPT}{have:,} of {file.size_bytes:,} bytes came; run the command again to go on there" if have else ""
    cause = getattr(reason, "os_error", reason)  # aiohttp's own sentence speaks of TLS where there is none
    return f"{file.url}: {str(cause) or type(cause).__name__}{kept}"


def _size(part: Path) -> int:
    return part.stat().st_size if part.exists() else 0
