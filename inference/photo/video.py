"""A moving picture of a stranger → a few of its frames, or an error that names the cause.

FFmpeg has a long history of bugs in its parsers, so it runs in a process of its own (`clip_reader.py`) that knows no
secrets, is bounded in time, memory and pixels, and takes nobody along when it falls.
"""

import asyncio
import json
import os
import sys
from asyncio.subprocess import PIPE, Process
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from inference.photo.decode import PhotoError, PhotoTooLarge, TooManyPixels, UnreadablePhoto
from inference.photo.formats import clip_format

_READER: Final = Path(__file__).with_name("video_reader.py")
_FRAME_BYTES: Final = 2 * 2**20  # a JPEG of 448 px on its short side is a tenth of this; strips may be long


class ClipTooSlow(PhotoError):
    """It could not be read in the time that a clip may take."""


@dataclass(frozen=True, slots=True)
class ClipLimits:
    """What one clip may cost.

    Attributes:
        frames: how many are looked at.
        limit_bytes: size of the file; Telegram's getFile gives at most 20 MB.
        limit_pixels: width × height of a frame; 4K has 8.8 million.
        cpu_s: seconds of one core; from half of it on, the frames found so far are enough.
        wall_s: seconds until the process is ended, on a busy machine.
    """

    frames: int = 5
    limit_bytes: int = 20 * 2**20
    limit_pixels: int = 9_000_000
    cpu_s: int = 12
    wall_s: float = 30.0


DEFAULT_LIMITS: Final = ClipLimits()


async def clip_frames(data: bytes, limits: ClipLimits = DEFAULT_LIMITS) -> list[bytes]:
    """Frames spread evenly over a clip, as JPEGs, upright, without metadata; equal ones once. At least one.

    Raises:
        UnreadablePhoto: no clip that we know, or a damaged one.
        PhotoTooLarge, TooManyPixels: over the limits.
        ClipTooSlow: it took too long.
    """
    container = clip_format(data)
    if container is None:
        raise UnreadablePhoto(f"no moving picture (it starts with {data[:8]!r})")
    if len(data) > limits.limit_bytes:
        raise PhotoTooLarge(f"the clip has {len(data):,} bytes; the limit is {limits.limit_bytes:,}")
    numbers = (str(number) for number in (limits.frames, limits.limit_pixels, limits.cpu_s))
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-I",
        str(_READER),
        container,
        *numbers,
        stdin=PIPE,
        stdout=PIPE,
        stderr=PIPE,
        env=_environment(),
    )
    try:
        async with asyncio.timeout(limits.wall_s):
            said = await _converse(process, data, limits.frames * _FRAME_BYTES)
    except TimeoutError:
        raise ClipTooSlow(f"not read within {limits.wall_s} s") from None
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()
    return _frames(said, process.returncode)


def _environment() -> dict[str, str]:
    """Nothing of ours, tokens least of all."""
    kept = ("PATH", "LD_LIBRARY_PATH", "SYSTEMROOT", "TMPDIR")
    return {name: os.environ[name] for name in kept if name in os.environ} | {"OPENBLAS_NUM_THREADS": "1"}


async def _converse(process: Process, data: bytes, limit_bytes: int) -> bytes:
    """Hand over the file and hear what comes of it, at most `limit_bytes`."""
    assert process.stdin is not None  # noqa: S101 - all three are pipes
    assert process.stdout is not None  # noqa: S101
    assert process.stderr is not None  # noqa: S101
    async with asyncio.TaskGroup() as talk:
        talk.create_task(_give(process.stdin, data))
        talk.create_task(_ignore(process.stderr))
        said = await _hear(process.stdout, limit_bytes)
    await process.wait()
    return said


async def _give(stdin: asyncio.StreamWriter, data: bytes) -> None:
    with suppress(BrokenPipeError, ConnectionResetError):  # it needs no more, or is no more
        stdin.write(data)
        await stdin.drain()
        stdin.close()


async def _ignore(stderr: asyncio.StreamReader) -> None:
    while await stderr.read(2**16):
        pass


async def _hear(stdout: asyncio.StreamReader, limit_bytes: int) -> bytes:
    said = bytearray()
    while chunk := await stdout.read(2**16):
        said += chunk
        if len(said) > limit_bytes:
            raise UnreadablePhoto("the reader of clips says more than it may")
    return bytes(said)


def _frames(said: bytes, code: int | None) -> list[bytes]:
    line, _, rest = said.partition(b"\n")
    head = _head(line)
    if head is None:
        if code in {-24, -9}:  # SIGXCPU, or SIGKILL by the hard limit or for want of memory
            raise ClipTooSlow("it took more time or memory than a clip may")
        raise UnreadablePhoto(f"the reader of clips ended with {code}")
    if "error" in head:
        kind = TooManyPixels if head["error"] == "too_large" else UnreadablePhoto
        raise kind(str(head.get("message")))
    frames, at = [], 0
    for size in head["frames"]:
        frames.append(rest[at : at + size])
        at += size
    return frames


def _head(line: bytes) -> dict[str, Any] | None:
    try:
        head = json.loads(line)
    except ValueError:
        return None
    return head if isinstance(head, dict) and ("error" in head or head.get("frames")) else None
