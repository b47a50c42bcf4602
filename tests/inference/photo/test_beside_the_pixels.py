"""What stands beside a picture never decides about it; what was cut off is shown as far as it goes, and said to be."""

import struct
import zlib
from collections.abc import Callable

import numpy as np
import pytest
from broken_photos import encoded, picture
from large_pictures import decoding_mb
from PIL import Image

from inference.photo.cut_jpeg import CUT
from inference.photo.decode import PhotoError, UnreadablePhoto, UnsupportedFormat, decode, decode_image
from inference.photo.formats import refused_format
from inference.photo.metadata.segments import bare_jpeg
from inference.photo.metadata.strip_metadata import strip_metadata

PHOTO = Image.fromarray(np.random.default_rng(1).integers(140, 256, (60, 80, 3), dtype=np.uint8)).resize((640, 480))
JPEG = encoded(picture(), "JPEG", quality=95)
PNG = encoded(picture(), "PNG")
WEBP = encoded(picture(), "WEBP", quality=95)
UPRIGHT = np.asarray(picture())


def cut_share(data: bytes) -> float | None:
    share: float | None = decode_image(data).info.get(CUT)
    return share


def chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + zlib.crc32(name + body).to_bytes(4)


def beside_jpeg(code: int, body: bytes) -> bytes:
    return JPEG[:2] + bytes([0xFF, code]) + (len(body) + 2).to_bytes(2) + body + JPEG[2:]


def riff(*chunks: tuple[bytes, bytes]) -> bytes:
    body = b"".join(name + struct.pack("<I", len(each)) + each + bytes(len(each) % 2) for name, each in chunks)
    return b"RIFF" + struct.pack("<I", 4 + len(body)) + b"WEBP" + body


PIXELS_OF_WEBP = WEBP[20 : 20 + int.from_bytes(WEBP[16:20], "little")]
CANVAS = bytes([8, 0, 0, 0]) + (63).to_bytes(3, "little") + (47).to_bytes(3, "little")
ODD = {
    "an Adobe segment that ends early": beside_jpeg(0xEE, b"Adobe"),
    "a JFIF segment that ends early": beside_jpeg(0xE0, b"JFIF\x00"),
    "a colour profile that says nothing": beside_jpeg(0xE2, b"ICC_PROFILE\x00\x00\x00"),
    "a table of pictures that is junk": beside_jpeg(0xE2, b"MPF\x00II*\x00\xff\xff\xff\xff"),
    "a transparency that ends early": PNG[:33] + chunk(b"tRNS", b"\x00") + PNG[33:],
    "a transparency with a wrong checksum": PNG[:33] + chunk(b"tRNS", bytes(6))[:-1] + b"?" + PNG[33:],
    "a proposed palette with a wrong checksum": PNG[:33] + chunk(b"PLTE", bytes(9))[:-1] + b"?" + PNG[33:],
    "a WebP that tells a greater length": WEBP[:4] + b"\xff\xff\xff\x7f" + WEBP[8:],
    "a WebP that tells a smaller length": WEBP[:4] + struct.pack("<I", len(WEBP) - 10) + WEBP[8:],
    "a WebP that tells no length": WEBP[:4] + bytes(4) + WEBP[8:],
    "a WebP cut off in its EXIF": riff((b"VP8X", CANVAS), (b"VP8 ", PIXELS_OF_WEBP), (b"EXIF", bytes(999)))[:-500],
    "a WebP with a chunk of a stranger": riff((b"VP8X", CANVAS), (b"ABCD", bytes(99)), (b"VP8 ", PIXELS_OF_WEBP)),
}


@pytest.mark.parametrize("what", ODD)
def test_the_picture_comes_out_whatever_is_wrong_beside_it(what: str) -> None:
    shown = decode(ODD[what])

    assert shown.shape == UPRIGHT.shape
    assert np.abs(shown.astype(int) - UPRIGHT).mean() < 6


def test_short_segments_are_left_out_of_a_bare_jpeg() -> None:
    assert bare_jpeg(ODD["an Adobe segment that ends early"]) == bare_jpeg(JPEG)
    assert bare_jpeg(ODD["a JFIF segment that ends early"]) == bare_jpeg(JPEG)


@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
def test_of_every_kind_of_jpeg_the_missing_rows_are_seen(mode: str) -> None:
    whole = encoded(PHOTO.convert(mode), "JPEG", quality=90)

    share = cut_share(whole[: int(len(whole) * 0.6)])

    assert share is not None
    assert 0.5 < share < 0.7


def with_zeros(part: bytes, whole: bytes) -> bytes:
    """As disks and downloads leave what never came."""
    return part + bytes(len(whole) - len(part))


def with_itself(part: bytes, whole: bytes) -> bytes:
    """As a download that began anew."""
    return part + whole


@pytest.mark.parametrize("then", [with_zeros, with_itself])
def test_what_stands_behind_the_cut_makes_no_difference(then: Callable[[bytes, bytes], bytes]) -> None:
    whole = encoded(PHOTO, "JPEG", quality=90)
    part = whole[: int(len(whole) * 0.7)]

    assert cut_share(then(part, whole)) == cut_share(part)
    assert cut_share(strip_metadata(then(part, whole))) == cut_share(part)
    assert np.array_equal(decode(then(part, whole)), decode(part))


def test_a_progressive_jpeg_that_was_cut_off_is_said_to_be_coarse() -> None:
    whole = encoded(PHOTO, "JPEG", quality=90, progressive=True)

    shares = [cut_share(whole[: int(len(whole) * part)]) for part in (0.3, 0.5, 0.7)]

    assert all(share is not None and 0.9 < share < 1 for share in shares)
    assert cut_share(whole[:-2]) is None


def test_half_of_the_bytes_are_enough_where_they_bring_enough_of_the_rows() -> None:
    whole = encoded(PHOTO, "JPEG", quality=90)

    assert decode(whole[: int(len(whole) * 0.45)]).shape[0] < 480 / 2
    with pytest.raises(UnreadablePhoto, match="too little"):
        decode(whole[: int(len(whole) * 0.35)])


def test_raw_photos_that_begin_as_a_tiff_are_named() -> None:
    small = {0xFE: 1, 0x14A: 8}
    for tags in (small, {0xC612: b"\x01\x04\x00\x00"}):
        data = encoded(picture(), "TIFF", tiffinfo=tags)

        assert refused_format(data) == ("RAW", "raw photo of a camera")
        with pytest.raises(UnsupportedFormat, match="raw photo"):
            decode(data)
    assert refused_format(encoded(picture(), "TIFF")) is None


@pytest.mark.parametrize(
    ("start", "name"),
    [
        (b"\xff\x4f\xff\x51", "JPEG 2000"),
        (b"II\xbc\x01", "JPEG XR"),
        (b"P6\n500 400\n255\n", "portable pixmap"),
        (b"\xef\xbb\xbf<svg xmlns=''>", "SVG"),
        (b"\n  <svg xmlns=''>", "SVG"),
        (b"BPG\xfb", "BPG"),
        (b"FLV\x01", "Flash video"),
    ],
)
def test_more_foreign_formats_are_named(start: bytes, name: str) -> None:
    with pytest.raises(UnsupportedFormat, match=name):
        decode(start + bytes(80))


def test_what_is_wrong_is_said_in_one_line_and_nothing_on_stderr(capfd: pytest.CaptureFixture[str]) -> None:
    jpeg_in_tiff = encoded(picture(400, 300), "TIFF", compression="jpeg")
    heic = encoded(picture(), "HEIF")

    for data in (jpeg_in_tiff[:-2], jpeg_in_tiff[: len(jpeg_in_tiff) // 2], heic[: len(heic) // 2]):
        with pytest.raises(PhotoError) as caught:
            decode(data)
        assert "\n" not in str(caught.value)
    assert capfd.readouterr().err == ""


@pytest.mark.slow
def test_a_large_heic_costs_less_than_a_second_copy_of_its_pixels() -> None:
    data = encoded(picture(5000, 3600), "HEIF", quality=40, enc_params={"preset": "ultrafast"})

    shown = decode(data, min_side_px=256)

    assert min(shown.shape[:2]) >= 256
    assert np.abs(shown.astype(int) - np.asarray(picture(shown.shape[1], shown.shape[0]))).mean() < 6
    assert decoding_mb(data) < 6 * 5000 * 3600 / 2**20
