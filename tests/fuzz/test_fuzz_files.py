"""No file, whatever became of it, crashes, hangs or fills anything; one that shows a picture keeps it."""

import asyncio
import time

import numpy as np
import pytest
from fuzz_size import SIZE
from numpy.typing import NDArray
from odd_files import OddFile, odd_file
from toll import Toll

from bot.conversation.photo.photo_file import Stills
from inference.photo.decode import DEFAULT_LIMITS, PhotoError, decode
from inference.photo.metadata.strip_metadata import strip_metadata
from inference.photo.video import DEFAULT_LIMITS as CLIP_LIMITS

LONGEST_S = 8.0  # for one file on a busy machine; the usual one takes a millisecond
GROWTH_MIB = 60
PICTURES_PER_UPDATE, FILMS_PER_UPDATE = 1.0, 0.02
FILMS_AT_ONCE = 2
JPEG = b"\xff\xd8\xff\xe0"


@pytest.mark.slow
# Pillow warns about what it repairs or finds large; in production that is a line on stderr.
@pytest.mark.filterwarnings("default::UserWarning", "default::RuntimeWarning")
@pytest.mark.timeout(3600)
def test_pictures_of_any_bytes_are_decoded_or_refused_and_lose_nothing_but_notes(toll: Toll) -> None:
    longest: list[tuple[float, OddFile]] = []
    for number in range(SIZE.first, SIZE.first + SIZE.of(PICTURES_PER_UPDATE)):
        file = odd_file(number, films=False)
        began = time.perf_counter()
        pixels, bare = _decoded(file.data, toll), strip_metadata(file.data)
        longest = sorted([*longest, (time.perf_counter() - began, file)], key=lambda one: one[0])[-3:]
        if pixels is not None:
            _assert_same_picture(pixels, bare, f"file {number}: {file.seed} after {file.mutations}")

    assert longest[-1][0] < LONGEST_S, [(seconds, file.seed, file.mutations) for seconds, file in longest]
    assert toll.notes["decoded"] > toll.tried / 50  # else the mutations are so harsh that they show nothing
    assert toll.grown_mib < GROWTH_MIB


@pytest.mark.slow
@pytest.mark.timeout(3600)
async def test_films_of_any_bytes_give_frames_or_are_refused(toll: Toll) -> None:
    stills = Stills()

    async def look(number: int) -> None:
        file = odd_file(number, films=True)
        began = time.perf_counter()
        try:
            frames = await stills.of(file.data, "video/mp4")
        except PhotoError as error:
            toll.count(note=type(error).__name__)
        else:
            toll.count(note="read")
            assert 1 <= len(frames) <= CLIP_LIMITS.frames
            if frames[0].data != file.data:  # which is no film, but was left to the decoder of photos
                assert all(decode(frame.data).size for frame in frames), file.mutations
        assert time.perf_counter() - began < CLIP_LIMITS.wall_s + LONGEST_S, (file.seed, file.mutations)

    numbers = iter(range(SIZE.first, SIZE.first + SIZE.of(FILMS_PER_UPDATE)))

    async def look_on() -> None:
        for number in numbers:
            await look(number)

    async with asyncio.TaskGroup() as group:
        for _ in range(FILMS_AT_ONCE):
            group.create_task(look_on())

    assert toll.notes["read"] > toll.tried / 50
    assert toll.grown_mib < GROWTH_MIB
    assert toll.files[-1] <= toll.files[0] + 5


def _decoded(data: bytes, toll: Toll) -> NDArray[np.uint8] | None:
    try:
        pixels = decode(data)
    except PhotoError as error:
        toll.count(note=type(error).__name__)
        return None
    toll.count(note="decoded")
    assert pixels.dtype == np.uint8
    assert pixels.shape[2:] == (3,)
    assert pixels.shape[0] * pixels.shape[1] <= DEFAULT_LIMITS.limit_pixels
    return pixels


def _assert_same_picture(pixels: NDArray[np.uint8], bare: bytes, what: str) -> None:
    """Bit by bit, or, of a file that no usual program writes, as a good JPEG shows it."""
    again = decode(bare)
    assert again.shape == pixels.shape, what
    if not bare.startswith(JPEG):
        assert np.array_equal(again, pixels), what
