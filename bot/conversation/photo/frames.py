"""What there is to look at in a file: a photo is one picture, a GIF or a video a few frames."""

import asyncio
import logging
from dataclasses import dataclass

from inference.photo.decode import PhotoError, cut_share
from inference.photo.formats import SNIFF_BYTES, clip_format, photo_format
from inference.photo.strip_metadata import strip_metadata
from inference.photo.video import DEFAULT_LIMITS, ClipLimits, clip_frames

CLIPS = 2  # read at the same time; each takes a core and some hundred megabytes for a second or two

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Still:
    """One picture as bytes, without what cameras note. `frame`: which one of a film; None: it does not move. `cut`: a
    part of it is missing.
    """

    data: bytes
    mime: str
    frame: int | None = None
    cut: bool = False


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
        try:
            frames = await self._frames(data) if clip_format(data) is not None else []
        except PhotoError as error:
            if photo_format(data[:SNIFF_BYTES]) is None:
                raise
            log.info("of a moving picture the first one is looked at: %s", error)
            frames = []
        if not frames:
            bare, cut = await asyncio.to_thread(_bare, data)
            return [Still(bare, mime, cut=cut)]
        if len(frames) == 1:
            return [Still(frames[0], "image/jpeg")]
        return [Still(frame, "image/jpeg", number) for number, frame in enumerate(frames)]

    async def _frames(self, data: bytes) -> list[bytes]:
        async with self._turns:
            return await clip_frames(data, self._limits)


def _bare(data: bytes) -> tuple[bytes, bool]:
    try:
        cut = cut_share(data) is not None
    except PhotoError:
        cut = False
    return strip_metadata(data), cut
