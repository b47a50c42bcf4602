"""Large WebP pictures: made smaller by libwebp itself, they look like those that Pillow decodes."""

import sys

import numpy as np
import pytest
from broken_photos import encoded, exif, picture, transparent_above
from large_pictures import as_pillow_has_it, decoding_mb
from PIL import Image

from inference.photo.decode import UnreadablePhoto, decode
from inference.photo.large.large_webp import can_reduce_webp, reduced_webp

pytestmark = pytest.mark.skipif(not can_reduce_webp(), reason="this Pillow has libwebp inside itself")


KINDS = {
    "lossy": encoded(picture(), "WEBP"),
    "lossless": encoded(picture(), "WEBP", lossless=True),
    "lossy and transparent": encoded(transparent_above(), "WEBP"),
    "lossless and transparent": encoded(transparent_above(), "WEBP", lossless=True),
    "animated": encoded(picture(), "WEBP", save_all=True, append_images=[transparent_above()]),
}


@pytest.mark.parametrize("kind", KINDS)
def test_its_pixels_are_those_of_pillow(kind: str) -> None:
    image = reduced_webp(KINDS[kind], 1)

    assert (np.asarray(image.convert("RGBA")) == np.asarray(as_pillow_has_it(KINDS[kind]))).all()


@pytest.mark.parametrize("reduced", [2, 3, 7])
@pytest.mark.parametrize("kind", KINDS)
def test_made_smaller_it_looks_as_if_pillow_had_done_it(kind: str, reduced: int) -> None:
    image = reduced_webp(KINDS[kind], reduced)

    expected = as_pillow_has_it(KINDS[kind]).resize(image.size, Image.Resampling.BOX)
    assert image.size == (-(-64 // reduced), -(-48 // reduced))
    shown, wanted = (np.asarray(one.convert("RGBa"), int) for one in (image, expected))
    assert np.abs(shown - wanted).mean() < 3


def test_a_first_frame_that_is_smaller_lies_where_it_belongs() -> None:
    frames = [Image.new("RGBA", (64, 48)), transparent_above()]
    frames[0].paste((10, 200, 30, 255), (20, 30, 40, 44))
    data = encoded(frames[0], "WEBP", save_all=True, append_images=frames[1:], lossless=True, minimize_size=True)

    image = reduced_webp(data, 2)

    assert image.size == (32, 24)
    assert image.convert("RGBA").getbbox() == (10, 15, 20, 22)


@pytest.mark.parametrize("kind", KINDS)
def test_a_damaged_file_is_refused(kind: str) -> None:
    data = KINDS[kind]

    for damaged in (data[:-20], data[:30], data[:20] + bytes(len(data) - 20)):
        with pytest.raises(ValueError, match=r".+"):
            reduced_webp(damaged, 2)


@pytest.mark.slow
def test_a_large_one_is_upright_and_on_white() -> None:
    stored = transparent_above(4800, 3600).transpose(Image.Transpose.ROTATE_90)

    decoded = decode(encoded(stored, "WEBP", exif=exif(6), method=0), min_side_px=240)

    assert decoded.shape == (720, 960, 3)
    assert decoded[:350].min() >= 250
    assert np.abs(decoded[370:].astype(int) - np.asarray(picture(960, 720))[370:]).mean() < 2


@pytest.mark.slow
def test_a_large_one_that_was_cut_off_is_unreadable() -> None:
    data = encoded(picture(4800, 3600), "WEBP", method=0)

    with pytest.raises(UnreadablePhoto, match="WebP file is truncated or damaged"):
        decode(data[: len(data) // 2], min_side_px=240)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="ru_maxrss is in other units elsewhere")
@pytest.mark.parametrize(("lossless", "limit_mb"), [(False, 60), (True, 260)])
def test_fifty_megapixels_take_little_memory(lossless: bool, limit_mb: int) -> None:
    data = encoded(Image.new("RGB", (8160, 6120), (90, 140, 60)), "WEBP", lossless=lossless, method=0, quality=0)

    assert decoding_mb(data) < limit_mb  # 600 as Pillow does it
