"""What there is to look at in a file: a photo is one picture, a GIF or a video a few frames."""

import asyncio
from dataclasses import dataclass

from inference.photo.decode import PhotoError, cut_share
from inference.photo.strip_metadata import strip_metadata
from inference.photo.video import DEFAULT_LIMITS, ClipLimits, clip_format, clip_frames

CLIPS = 2  # read at the same time; each takes a core and some hundred megabytes for a second or two


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
            PhotoError: it is a GIF or video that cannot be read. Whether a photo can, its decoder finds out.
        """
        if clip_format(data) is None:
            bare, cut = await asyncio.to_thread(_bare, data)
            return [Still(bare, mime, cut=cut)]
        async with self._turns:
            frames = await clip_frames(data, self._limits)
        if len(frames) == 1:
            return [Still(frames[0], "image/jpeg")]
        return [Still(frame, "image/jpeg", number) for number, frame in enumerate(frames)]


def _bare(data: bytes) -> tuple[bytes, bool]:
    try:
        cut = cut_share(data) is not None
    except PhotoError:
        cut = False
    return strip_metadata(data), cut
