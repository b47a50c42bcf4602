"""Files that strangers may send: real encodings of a picture or a film, and what mutation makes of them.

for number in range(n):
    file = odd_file(number)      # the same number is the same file, on every machine with the same encoders
"""

import io
import random
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import cast

import av
import numpy as np
import pillow_heif
from PIL import Image, ImageCms, ImageDraw

SIZE = (96, 72)
FRAMES = 12
INTERESTING = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)  # ends of ranges
Mutation = Callable[[bytearray, random.Random], None]


@dataclass(frozen=True, slots=True)
class OddFile:
    """Where it comes from, and what it has become."""

    seed: str
    mutations: tuple[str, ...]
    data: bytes


def odd_file(number: int, *, films: bool) -> OddFile:
    """One mutated encoding, of pictures or of films. One in fifty is left as it is: that one must be read."""
    dice = random.Random(number)
    seeds = film_seeds() if films else picture_seeds()
    name = dice.choice(sorted(seeds))
    data = bytearray(seeds[name])
    chosen = [] if dice.random() < 0.02 else _some(dice)
    for mutate in chosen:
        mutate(data, dice)
    if dice.random() < 0.5:
        _mend_checksums(data)
    return OddFile(name, tuple(one.__name__.removeprefix("_") for one in chosen), bytes(data))


def mutated(data: bytes, dice: random.Random) -> bytes:
    """Other bytes than a file's, treated the same way."""
    changed = bytearray(data)
    for mutate in _some(dice):
        mutate(changed, dice)
    return bytes(changed)


def _some(dice: random.Random) -> list[Mutation]:
    return dice.choices(_MUTATIONS, k=min(8, 1 + int(dice.expovariate(0.7))))


@cache
def picture_seeds() -> dict[str, bytes]:
    """One picture in every format that is decoded, and in the ways in which cameras and programs write it."""
    rgb, grey = _picture(), _picture().convert("L")
    see_through = rgb.convert("RGBA")
    see_through.putalpha(grey)
    deep = Image.fromarray(np.asarray(grey).astype(np.uint16) * 257)
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "a camera"
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    frames = [Image.new("RGB", SIZE, shade) for shade in ("red", "green", "blue")]
    film = {"save_all": True, "append_images": frames, "duration": 50}
    return {
        "jpeg": _saved(rgb, "JPEG"),
        "jpeg progressive": _saved(rgb, "JPEG", progressive=True),
        "jpeg grey": _saved(grey, "JPEG"),
        "jpeg cmyk": _saved(rgb.convert("CMYK"), "JPEG"),
        "jpeg of a camera": _saved(rgb, "JPEG", exif=exif, icc_profile=profile, comment=b"a word", quality=95),
        "jpeg with restarts": _saved(rgb, "JPEG", restart_marker_blocks=4),
        "png": _saved(rgb, "PNG", exif=exif, icc_profile=profile),
        "png see-through": _saved(see_through, "PNG"),
        "png palette": _saved(rgb.convert("P"), "PNG", transparency=3),
        "png 16 bit": _saved(deep, "PNG"),
        "png 1 bit": _saved(rgb.convert("1"), "PNG"),
        "png animated": _saved(rgb, "PNG", **film),
        "webp": _saved(rgb, "WEBP", exif=exif, icc_profile=profile),
        "webp lossless": _saved(see_through, "WEBP", lossless=True),
        "webp animated": _saved(rgb, "WEBP", **film),
        "gif": _saved(rgb.convert("P"), "GIF"),
        "gif animated": _saved(rgb, "GIF", **film),
        "heic": _heic(rgb, exif),
        "heic see-through": _heic(see_through, exif),
        "avif": _saved(rgb, "AVIF", exif=exif),
        "avif animated": _saved(rgb, "AVIF", **film),
    }


@cache
def film_seeds() -> dict[str, bytes]:
    """One film in every container and codec that phones, GIF keyboards and stickers send."""
    return {
        "mp4 h264": _film("mp4", "libx264"),
        "mp4 hevc": _film("mp4", "libx265"),
        "mov mpeg4": _film("mov", "mpeg4"),
        "webm vp8": _film("webm", "libvpx"),
        "webm vp9": _film("webm", "libvpx-vp9"),
        "matroska h264": _film("matroska", "libx264"),
        "gif": picture_seeds()["gif animated"],
    }


def _picture() -> Image.Image:
    """Draw some shapes: flat areas, edges and noise, as photos have them."""
    noise = np.random.default_rng(0).integers(0, 60, (SIZE[1], SIZE[0], 3), dtype=np.uint8)
    image = Image.fromarray(noise)
    draw = ImageDraw.Draw(image)
    draw.ellipse((10, 10, 60, 60), fill=(200, 120, 40))
    draw.rectangle((50, 30, 90, 70), fill=(30, 90, 160), outline=(255, 255, 255))
    return image


def _saved(image: Image.Image, file_format: str, **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, file_format, **options)
    return file.getvalue()


def _heic(image: Image.Image, exif: Image.Exif) -> bytes:
    file = io.BytesIO()
    pillow_heif.from_pillow(image).save(file, format="HEIF", exif=exif.tobytes())
    return file.getvalue()


def _film(container: str, codec: str) -> bytes:
    file = io.BytesIO()
    with av.open(file, "w", format=container) as target:
        stream = cast("av.VideoStream", target.add_stream(codec, rate=10))
        stream.width, stream.height, stream.pix_fmt = *SIZE, "yuv420p"
        for number in range(FRAMES):
            shade = np.full((SIZE[1], SIZE[0], 3), 20 + 15 * number, np.uint8)
            frame = av.VideoFrame.from_ndarray(shade, format="rgb24").reformat(format="yuv420p")
            frame.pts, frame.time_base = number, Fraction(1, 10)
            target.mux(stream.encode(frame))
        target.mux(stream.encode(None))
    return file.getvalue()


def _at(data: bytearray, dice: random.Random) -> int:
    """A place; half of them near the start, where headers are."""
    end = max(1, len(data))
    return dice.randrange(min(end, 200)) if dice.random() < 0.5 else dice.randrange(end)


def _flip_bits(data: bytearray, dice: random.Random) -> None:
    for _ in range(dice.choice((1, 1, 2, 8, 32))):
        if data:
            data[_at(data, dice)] ^= 1 << dice.randrange(8)


def _set_bytes(data: bytearray, dice: random.Random) -> None:
    at = _at(data, dice)
    data[at : at + dice.choice((1, 2, 4))] = dice.randbytes(dice.choice((1, 2, 4)))


def _set_a_length(data: bytearray, dice: random.Random) -> None:
    at, size = _at(data, dice), dice.choice((2, 4, 8))
    value = dice.choice((*INTERESTING, len(data), len(data) + 1, len(data) * 1000)) % 2 ** (8 * size)
    data[at : at + size] = value.to_bytes(size, dice.choice(("big", "little")))


def _cut_off(data: bytearray, dice: random.Random) -> None:
    del data[_at(data, dice) :]


def _take_out(data: bytearray, dice: random.Random) -> None:
    at = _at(data, dice)
    del data[at : at + dice.choice((1, 4, 12, 100, 1000))]


def _repeat(data: bytearray, dice: random.Random) -> None:
    at, size = _at(data, dice), dice.choice((1, 4, 12, 100, 1000))
    data[at:at] = data[at : at + size] * dice.choice((1, 2, 50))


def _swap(data: bytearray, dice: random.Random) -> None:
    (one, other), size = sorted((_at(data, dice), _at(data, dice))), dice.choice((4, 12, 100))
    if one + size <= other:
        data[one : one + size], data[other : other + size] = data[other : other + size], data[one : one + size]


def _blank(data: bytearray, dice: random.Random) -> None:
    at, size = _at(data, dice), dice.choice((4, 50, 500))
    data[at : at + size] = bytes([dice.choice((0, 0xFF))]) * len(data[at : at + size])


def _graft(data: bytearray, dice: random.Random) -> None:
    """Go on as another file does."""
    other = dice.choice(list(picture_seeds().values()))
    data[_at(data, dice) :] = other[dice.randrange(len(other)) :]


def _mend_checksums(data: bytearray) -> None:
    """Of a PNG's chunks: else whatever was changed in one is never looked at."""
    at = 8 if data.startswith(b"\x89PNG\r\n\x1a\n") else len(data)
    while at + 12 <= len(data):
        end = at + 8 + int.from_bytes(data[at : at + 4])
        if end + 4 > len(data):
            return
        data[end : end + 4] = zlib.crc32(data[at + 4 : end]).to_bytes(4)
        at = end + 4


_MUTATIONS: tuple[Mutation, ...] = (
    _flip_bits, _flip_bits, _set_bytes, _set_a_length, _set_a_length, _cut_off, _take_out, _repeat, _swap, _blank,
    _graft,
)  # fmt: skip
