"""GIFs and videos become a few frames, and no file can hang, crash or fill anything."""

import io
from fractions import Fraction
from typing import cast

import av
import numpy as np
import pytest
from PIL import Image

from inference.photo.decode import PhotoTooLarge, TooManyPixels, UnreadablePhoto, decode
from inference.photo.formats import clip_format
from inference.photo.video import ClipLimits, ClipTooSlow, clip_frames

SIZE = (160, 120)
FAST = ClipLimits(wall_s=300.0)


def clip(container: str, codec: str, frames: int = 40, *, fps: int = 20, pixels: str = "yuv420p") -> bytes:
    """From dark to bright, so that each frame says when it was."""
    file = io.BytesIO()
    with av.open(file, "w", format=container) as target:
        stream = cast("av.VideoStream", target.add_stream(codec, rate=fps))
        stream.width, stream.height, stream.pix_fmt = *SIZE, pixels
        stream.codec_context.gop_size = 10
        for number in range(frames):
            shade = np.full((SIZE[1], SIZE[0], 3), 20 + 200 * number // frames, np.uint8)
            shade[:, :4] = 255  # white along its left side
            frame = av.VideoFrame.from_ndarray(shade, format="rgb24").reformat(format=pixels)
            frame.pts, frame.time_base = number, Fraction(1, fps)
            target.mux(stream.encode(frame))
        target.mux(stream.encode(None))
    return file.getvalue()


def gif(frames: int = 12, size: tuple[int, int] = SIZE) -> bytes:
    shades = [Image.new("L", size, 20 + 200 * number // frames) for number in range(frames)]
    file = io.BytesIO()
    shades[0].save(file, "GIF", save_all=True, append_images=shades[1:], duration=50)
    return file.getvalue()


def moving(kind: str, frames: int = 12, size: tuple[int, int] = SIZE) -> bytes:
    shades = [Image.new("RGB", size, (20 + 200 * number // frames,) * 3) for number in range(frames)]
    file = io.BytesIO()
    shades[0].save(file, kind, save_all=True, append_images=shades[1:], duration=50)
    return file.getvalue()


def brightness(frames: list[bytes]) -> list[float]:
    return [float(decode(frame).mean()) for frame in frames]


@pytest.mark.parametrize(
    ("container", "codec"), [("mp4", "libx264"), ("mov", "mpeg4"), ("webm", "libvpx-vp9"), ("matroska", "libx264")]
)
@pytest.mark.parametrize("frames", [40, 160])  # two seconds are decoded as a whole, eight are sought in
async def test_a_video_gives_frames_spread_over_its_time(container: str, codec: str, frames: int) -> None:
    seen = brightness(await clip_frames(clip(container, codec, frames), FAST))

    assert len(seen) == 5
    assert seen == sorted(seen)
    assert seen[0] < 70
    assert seen[-1] > 170


async def test_a_gif_gives_frames_spread_over_its_time() -> None:
    seen = brightness(await clip_frames(gif(), FAST))

    assert len(seen) == 5
    assert seen == sorted(seen)


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
async def test_a_png_or_webp_that_moves_is_looked_at_like_a_gif(kind: str) -> None:
    data = moving(kind)
    seen = brightness(await clip_frames(data, FAST))

    assert len(seen) == 5
    assert seen == sorted(seen)
    assert seen[0] < 70
    assert seen[-1] > 170


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_one_that_stands_still_is_a_photo(kind: str) -> None:
    file = io.BytesIO()
    Image.new("RGB", SIZE).save(file, kind)

    assert clip_format(file.getvalue()) is None


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
async def test_of_a_moving_picture_that_was_cut_off_there_is_what_came_or_an_error(kind: str) -> None:
    data = moving(kind)

    for end in (64, len(data) // 2, len(data) - 4):
        try:
            frames = await clip_frames(data[:end], FAST)
        except UnreadablePhoto:
            continue
        assert all(decode(frame).size for frame in frames)


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
async def test_a_moving_picture_has_its_limits_too(kind: str) -> None:
    with pytest.raises(TooManyPixels, match="160 × 120"):
        await clip_frames(moving(kind), ClipLimits(limit_pixels=SIZE[0] * SIZE[1] - 1, wall_s=300.0))


async def test_a_picture_that_stands_still_is_one_frame() -> None:
    assert len(await clip_frames(gif(frames=1), FAST)) == 1


async def test_a_transparent_gif_lies_on_white() -> None:
    file = io.BytesIO()
    Image.new("RGBA", SIZE, (0, 0, 0, 0)).save(file, "GIF")

    assert brightness(await clip_frames(file.getvalue(), FAST)) == [pytest.approx(255, abs=1)]


async def test_a_phone_held_upright_gives_upright_frames() -> None:
    data = clip("mp4", "libx264")
    at = data.index(b"tkhd") + 4 + 4 + 32 + 4  # version and flags, times … volume; then the matrix
    assert data[at : at + 4] == (65536).to_bytes(4)
    turned = [0, 65536, 0, -65536, 0, 0, SIZE[1] * 65536, 0, 0x40000000]
    matrix = b"".join(number.to_bytes(4, signed=True) for number in turned)

    frames = await clip_frames(data[:at] + matrix + data[at + 36 :], FAST)

    upright = decode(frames[0])
    assert upright.shape == (SIZE[0], SIZE[1], 3)
    assert upright[1].mean() > 200  # turned clockwise: what was on the left is above
    assert upright[-2].mean() < 100


async def test_a_large_frame_is_made_smaller() -> None:
    (frame,) = await clip_frames(gif(frames=1, size=(1600, 900)), FAST)

    assert min(decode(frame).shape[:2]) == 448


@pytest.mark.parametrize("kind", ["mp4", "webm", "gif"])
async def test_a_clip_that_was_cut_off_gives_what_there_is_or_is_refused(kind: str) -> None:
    data = {"mp4": clip("mp4", "libx264"), "webm": clip("webm", "libvpx-vp9"), "gif": gif()}[kind]

    for end in (20, len(data) // 3, len(data) - 10):
        try:
            frames = await clip_frames(data[:end], FAST)
        except UnreadablePhoto:
            continue
        assert all(decode(frame).size for frame in frames)


async def test_noise_behind_an_honest_beginning_is_refused() -> None:
    noise = np.random.default_rng(0).integers(0, 256, 20_000, np.uint8).tobytes()

    for start in (b"\x00\x00\x00\x18ftypisom", b"\x1aE\xdf\xa3", b"GIF89a"):
        with pytest.raises((UnreadablePhoto, TooManyPixels)):
            await clip_frames(start + noise, FAST)


async def test_too_many_pixels_are_refused_by_their_number() -> None:
    with pytest.raises(TooManyPixels, match="160 × 120"):
        await clip_frames(gif(), ClipLimits(limit_pixels=100 * 100))


async def test_too_many_bytes_are_refused_before_anything_runs() -> None:
    with pytest.raises(PhotoTooLarge):
        await clip_frames(gif(), ClipLimits(limit_bytes=100))


async def test_a_reader_that_hangs_is_ended() -> None:
    with pytest.raises(ClipTooSlow):
        await clip_frames(clip("mp4", "libx264"), ClipLimits(wall_s=0.01))


async def test_a_playlist_leads_nowhere(tmp_path: object) -> None:
    playlist = b"#EXTM3U\n#EXTINF:10,\nfile:///etc/passwd\n"

    assert clip_format(playlist) is None
    with pytest.raises(UnreadablePhoto):
        await clip_frames(b"\x00\x00\x00\x18ftypisom" + playlist, FAST)


@pytest.mark.parametrize(
    ("data", "expected"),
    [(gif(), "gif"), (b"\xff\xd8\xff\xe0", None), (b"", None), (b"RIFF____WEBP", None), (b"%PDF-1.7", None)],
)
def test_the_format_is_read_from_the_bytes(data: bytes, expected: str | None) -> None:
    assert clip_format(data) == expected
