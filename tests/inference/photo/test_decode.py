"""Any bytes become upright RGB pixels or a PhotoError."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import cache

import numpy as np
import pytest
from broken_photos import BrokenPhoto, OddPhoto, broken_photos, encoded, exif, odd_photos, picture
from checkout import ROOT
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from inference.photo.cut_jpeg import CUT
from inference.photo.decode import (
    DecodeLimits,
    PhotoError,
    PhotoTooLarge,
    TooManyPixels,
    UnreadablePhoto,
    UnsupportedFormat,
    decode,
    decode_image,
)
from inference.photo.decoding_cost import decoding_cost
from inference.photo.formats import PhotoFormat

# How a camera that was held like this stored the upright picture: the reverse of what a viewer must do.
STORED = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}
MODES = {
    "JPEG": ["L", "RGB", "CMYK"],
    "PNG": ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"],
    "WEBP": ["L", "RGB", "RGBA"],
    "GIF": ["1", "L", "P", "RGBA"],
    "HEIF": ["L", "RGB", "RGBA"],
    "AVIF": ["L", "RGB", "RGBA"],
}


def scene(width: int = 640, height: int = 480) -> Image.Image:
    """With something to see everywhere, and nowhere the grey of missing data."""
    rng = np.random.default_rng(0)
    small = Image.fromarray(rng.integers(140, 256, (height // 8, width // 8, 3), dtype=np.uint8))
    return small.resize((width, height))


def difference(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> float:
    return float(np.abs(one.astype(int) - other.astype(int)).mean())


def in_mode(mode: str) -> Image.Image:
    if mode == "I;16":
        return Image.fromarray(np.asarray(picture().convert("L")).astype(np.uint16) * 257)
    return picture().convert(mode)


@cache
def good_photos() -> tuple[bytes, ...]:
    return tuple(encoded(in_mode(mode), kind) for kind, modes in MODES.items() for mode in modes)


@pytest.mark.parametrize(("kind", "mode"), [(kind, mode) for kind, modes in MODES.items() for mode in modes])
def test_every_format_and_mode_shows_the_same_picture(kind: str, mode: str) -> None:
    expected = np.asarray(picture().convert("L" if mode == "I;16" else mode).convert("RGB"))

    decoded = decode(encoded(in_mode(mode), kind))

    assert decoded.dtype == np.uint8
    assert decoded.shape == (48, 64, 3)
    assert difference(decoded, expected) < 6


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF", "AVIF"])
@pytest.mark.parametrize("orientation", STORED)
def test_every_orientation_comes_out_upright(kind: str, orientation: int) -> None:
    turn = STORED[orientation]
    stored = picture().transpose(turn) if turn is not None else picture()

    decoded = decode(encoded(stored, kind, exif=exif(orientation)))

    assert decoded.shape == (48, 64, 3)
    assert difference(decoded, np.asarray(picture())) < 6


@pytest.mark.parametrize("orientation", STORED)
def test_both_byte_orders_of_exif_are_read(orientation: int) -> None:
    turn = STORED[orientation]
    stored = picture().transpose(turn) if turn is not None else picture()
    big_endian = b"Exif\x00\x00MM\x00*\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00" + bytes(
        [orientation, 0, 0]
    )

    decoded = decode(encoded(stored, "JPEG", exif=big_endian + bytes(4)))

    assert difference(decoded, np.asarray(picture())) < 6


def test_sixteen_bits_are_scaled_not_clipped() -> None:
    ramp = np.linspace(0, 65535, 256).astype(np.uint16)[None].repeat(2, axis=0)

    decoded = decode(encoded(Image.fromarray(ramp), "PNG"))

    assert decoded[0, :, 0].tolist() == list(range(256))


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "GIF", "HEIF", "AVIF"])
def test_what_is_transparent_becomes_white(kind: str) -> None:
    cut_out = picture().convert("RGBA")
    cut_out.paste((200, 40, 40, 0), (0, 0, 64, 24))

    decoded = decode(encoded(cut_out, kind))

    assert decoded[2:20, 4:60].min() >= 250
    assert difference(decoded[26:], np.asarray(picture())[26:]) < 8


def test_palette_grey_and_rgb_transparency_become_white() -> None:
    palette = picture().quantize(8)
    first = palette.getpixel((0, 0))
    grey = picture().convert("L")

    shown = [
        decode(encoded(palette, "PNG", transparency=first)),
        decode(encoded(grey, "PNG", transparency=grey.getpixel((0, 40)))),
        decode(encoded(picture(), "PNG", transparency=(50, 60, 200))),
    ]

    assert [tuple(shown[0][0, 0]), tuple(shown[1][40, 0]), tuple(shown[2][40, 0])] == [(255, 255, 255)] * 3


@pytest.mark.parametrize("photo", broken_photos(), ids=lambda photo: photo.name)
def test_broken_photos_are_refused_with_their_cause(photo: BrokenPhoto) -> None:
    with pytest.raises(photo.error) as caught:
        decode(photo.data)

    assert str(caught.value)


@pytest.mark.parametrize("photo", odd_photos(), ids=lambda photo: photo.name)
def test_odd_photos_are_decoded(photo: OddPhoto) -> None:
    assert decode(photo.data).size > 0


def test_an_animation_shows_its_first_frame() -> None:
    for name in ("animated.gif", "animated.webp"):
        data = next(photo.data for photo in odd_photos() if photo.name == name)

        assert difference(decode(data), np.asarray(picture())) < 10


def test_errors_name_the_thing_and_its_value() -> None:
    cases: list[tuple[bytes, DecodeLimits, type[PhotoError], str]] = [
        (b"%PDF-1.4", DecodeLimits(), UnsupportedFormat, "PDF"),
        (b"hello", DecodeLimits(), UnreadablePhoto, "hello"),
        (encoded(picture(), "JPEG")[:400], DecodeLimits(), UnreadablePhoto, "JPEG file is truncated"),
        (encoded(picture(), "PNG"), DecodeLimits(limit_bytes=100), PhotoTooLarge, "100"),
        (encoded(picture(), "HEIF"), DecodeLimits(limit_pixels=100), TooManyPixels, "64 × 48"),
    ]
    for data, limits, error, words in cases:
        with pytest.raises(error, match=words):
            decode(data, limits=limits)


@pytest.mark.parametrize("kind", MODES)
def test_the_limits_are_inclusive(kind: str) -> None:
    data = encoded(in_mode(MODES[kind][0]), kind)

    exact = DecodeLimits(limit_bytes=len(data), limit_pixels=64 * 48)
    assert decode(data, limits=exact).shape == (48, 64, 3)
    with pytest.raises(TooManyPixels):
        decode(data, limits=DecodeLimits(limit_pixels=64 * 48 - 1))
    with pytest.raises(PhotoTooLarge):
        decode(data, limits=DecodeLimits(limit_bytes=len(data) - 1))


BOMB_RUN = """
import resource, sys
from broken_photos import broken_photos
from inference.photo.decode import PhotoError, decode
bombs = [photo for photo in broken_photos() if "apixels" in photo.name]
pages = int(open("/proc/self/statm").read().split()[0])
resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + 64 * 2**20,) * 2)
for photo in bombs:
    try:
        decode(photo.data)
        print(photo.name, "decoded")
    except PhotoError as error:
        print(photo.name, error)
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_pixel_bombs_are_refused_without_memory_for_them() -> None:
    run = subprocess.run(
        [sys.executable, "-c", BOMB_RUN],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": f"{ROOT / 'tests' / 'inference'}:{ROOT}"},
    )

    lines = run.stdout.splitlines()
    assert len(lines) >= 6
    assert all("the limit is" in line or "does not have the size signaled" in line for line in lines), run.stdout


CROWD_RUN = """
import io, resource
from concurrent.futures import ThreadPoolExecutor
from PIL import Image
from inference.photo.preprocess import Preprocessing
decode = Preprocessing().decode
file = io.BytesIO()
Image.new("RGBA", (4500, 4000), (1, 2, 3, 4)).save(file, "PNG")
def peak_mb(): return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
decode(file.getvalue())
alone_mb = peak_mb()
with ThreadPoolExecutor(6) as threads:
    list(threads.map(lambda _: decode(file.getvalue()), range(6)))
print(alone_mb, peak_mb())
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="ru_maxrss is in other units elsewhere")
def test_many_large_pictures_at_once_take_little_more_memory_than_one() -> None:
    run = subprocess.run([sys.executable, "-c", CROWD_RUN], capture_output=True, text=True, check=True, cwd=ROOT)

    alone_mb, crowd_mb = map(float, run.stdout.split())
    assert crowd_mb < alone_mb + 400  # 1,000 without taking turns


@pytest.mark.slow
def test_a_large_picture_of_any_format_is_reduced_and_looks_the_same() -> None:
    data = encoded(picture(4800, 3600), "PNG")

    decoded = decode(data, min_side_px=240)

    assert decoded.shape == (720, 960, 3)
    assert difference(decoded, np.asarray(picture(960, 720))) < 1
    assert decode(data).shape == (3600, 4800, 3)


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["RGBA", "L", "I;16", "P", "CMYK"])
def test_a_large_picture_of_any_pixels_is_reduced_as_if_it_were_no_large_one(mode: str) -> None:
    grey = picture(4799, 3601).convert("L")
    image = Image.fromarray(np.asarray(grey).astype(np.uint16) * 257) if mode == "I;16" else grey.convert(mode)
    data = encoded(image, "TIFF", compression="tiff_lzw") if mode == "CMYK" else encoded(image, "PNG")

    decoded = decode(data, min_side_px=240)

    assert (decoded == np.asarray(Image.fromarray(decode(data)).reduce(5))).all()


@given(
    width=st.integers(1, 900), height=st.integers(1, 900), min_side_px=st.integers(1, 700), progressive=st.booleans()
)
@settings(max_examples=60)
def test_a_reduced_jpeg_keeps_its_short_side_and_shape(
    width: int, height: int, min_side_px: int, progressive: bool
) -> None:
    data = encoded(picture(width, height), "JPEG", progressive=progressive)

    decoded = decode(data, min_side_px=min_side_px)

    assert min(decoded.shape[:2]) >= min(min_side_px, width, height)
    reductions = [(-(-height // factor), -(-width // factor)) for factor in (1, 2, 4, 8)]
    assert decoded.shape[:2] in reductions


def test_a_large_jpeg_is_reduced_and_looks_the_same() -> None:
    data = encoded(picture(2048, 1024), "JPEG")

    decoded = decode(data, min_side_px=250)

    assert decoded.shape == (256, 512, 3)
    assert difference(decoded, np.asarray(picture(512, 256))) < 2


@given(st.binary(max_size=200))
def test_random_bytes_raise_nothing_but_photo_errors(data: bytes) -> None:
    with pytest.raises(PhotoError):
        decode(data)


@pytest.mark.slow
@given(data=st.data())
@settings(max_examples=400)
def test_mutated_photos_decode_or_raise_photo_errors(data: st.DataObject) -> None:
    photo = bytearray(data.draw(st.sampled_from(good_photos())))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(photo) - 1))
        edit = data.draw(st.sampled_from(["set", "cut", "insert", "truncate"]))
        if edit == "set":
            photo[at] = data.draw(st.integers(0, 255))
        elif edit == "cut":
            del photo[at : at + data.draw(st.integers(1, 20))]
        elif edit == "insert":
            photo[at:at] = data.draw(st.binary(min_size=1, max_size=20))
        else:
            del photo[max(at, 1) :]
        if not photo:
            break
    limits = DecodeLimits(limit_pixels=200_000)

    try:
        decoded = decode(bytes(photo), min_side_px=data.draw(st.sampled_from([0, 10])), limits=limits)
    except PhotoError:
        return

    assert decoded.dtype == np.uint8
    assert decoded.ndim == 3
    assert decoded.shape[0] * decoded.shape[1] <= limits.limit_pixels


def test_threads_do_not_disturb_each_other() -> None:
    photos = good_photos() * 4
    alone = [decode(photo) for photo in photos]

    with ThreadPoolExecutor(8) as threads:
        together = list(threads.map(decode, photos))

    assert all(np.array_equal(one, other) for one, other in zip(alone, together, strict=True))


def test_importing_registers_nothing_and_changes_no_global() -> None:
    probe = (
        "from PIL import Image, ImageFile; before = Image.MAX_IMAGE_PIXELS; import inference.photo.decode;"
        "assert 'HEIF' not in Image.OPEN; assert Image.MAX_IMAGE_PIXELS == before;"
        "assert not ImageFile.LOAD_TRUNCATED_IMAGES"
    )

    subprocess.run([sys.executable, "-c", probe], check=True, cwd=ROOT)


@pytest.mark.parametrize("progressive", [False, True])
@pytest.mark.parametrize("part", [0.99, 0.9, 0.7])
def test_of_a_jpeg_that_was_cut_off_the_part_that_is_there_is_shown_and_its_share_told(
    part: float, progressive: bool
) -> None:
    whole = encoded(scene(), "JPEG", progressive=progressive)
    cut = whole[: int(len(whole) * part)]

    shown, share = decode(cut), decode_image(cut).info.get(CUT)

    assert abs(shown.shape[0] - 480 * (share or 1)) <= 8
    assert difference(shown[:240], decode(whole)[:240]) < (30 if progressive else 1)
    if not progressive:
        assert share is not None
        assert part - 0.1 < share < 1


def test_less_than_half_of_a_jpeg_is_too_little_and_said_so() -> None:
    whole = encoded(scene(), "JPEG")

    with pytest.raises(UnreadablePhoto, match="cut off: 3[0-9] %|cut off: 3[0-9]%"):
        decode(whole[: int(len(whole) * 0.35)])


def test_nothing_is_said_to_be_missing_where_all_rows_are_there() -> None:
    jpeg = encoded(picture(), "JPEG")

    assert [decode_image(data).info.get(CUT) for data in (jpeg, jpeg[:-2], encoded(picture(), "PNG"))] == [None] * 3


@pytest.mark.slow
def test_a_jpeg_costs_what_its_kind_costs_and_not_its_pixels() -> None:
    small = Image.new("RGB", (100, 75), "brown").resize((10_000, 7_500))
    baseline = encoded(small, "JPEG")
    progressive = encoded(small, "JPEG", progressive=True)

    assert decode(baseline, min_side_px=224).shape[0] >= 224
    assert decoding_cost(PhotoFormat.JPEG, baseline).held_bytes == 0
    assert decoding_cost(PhotoFormat.JPEG, progressive).held_bytes == 2 * 75_000_000 * 3 // 2
    assert decode(progressive, min_side_px=224).shape[0] >= 224
    with pytest.raises(TooManyPixels, match="progressive JPEG of 10000 × 7500 pixels, which takes 215 MB"):
        decode(progressive, min_side_px=224, limits=DecodeLimits(limit_held_bytes=100 * 2**20))
    with pytest.raises(TooManyPixels):
        decode(baseline)  # all of it


def test_a_gif_without_a_picture_is_refused() -> None:
    with pytest.raises(PhotoError):
        decode(b"GIF89a" + bytes(500))
