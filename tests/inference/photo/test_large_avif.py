"""Large AVIF pictures: made smaller by libavif itself, they look like those that Pillow decodes."""

import sys

import numpy as np
import pytest
from broken_photos import encoded, exif, picture, transparent_above
from large_pictures import as_pillow_has_it, decoding_mb
from PIL import Image

from inference.photo.decode import UnreadablePhoto, decode
from inference.photo.large.large_avif import can_reduce_avif, reduced_avif

pytestmark = pytest.mark.skipif(not can_reduce_avif(), reason="this Pillow has libavif inside itself, or an older one")


SIZE = (640, 480)
KINDS = {
    "plain": encoded(picture(*SIZE), "AVIF"),
    "every pixel coloured": encoded(picture(*SIZE), "AVIF", subsampling="4:4:4"),
    "grey": encoded(picture(*SIZE).convert("L"), "AVIF"),
    "transparent": encoded(transparent_above(*SIZE), "AVIF"),
    "animated": encoded(picture(*SIZE), "AVIF", save_all=True, append_images=[transparent_above(*SIZE)]),
}


@pytest.mark.parametrize("kind", KINDS)
def test_its_pixels_are_those_of_pillow(kind: str) -> None:
    image = reduced_avif(KINDS[kind], SIZE, 1)

    assert (np.asarray(image) == np.asarray(as_pillow_has_it(KINDS[kind]))).all()


@pytest.mark.parametrize("reduced", [2, 3, 7])
@pytest.mark.parametrize("kind", KINDS)
def test_made_smaller_it_looks_as_if_pillow_had_done_it(kind: str, reduced: int) -> None:
    image = reduced_avif(KINDS[kind], SIZE, reduced)

    expected = as_pillow_has_it(KINDS[kind]).resize(image.size, Image.Resampling.BOX)
    assert image.size == tuple(-(-side // reduced) for side in SIZE)
    shown, wanted = (np.asarray(one.convert("RGBa"), int) for one in (image, expected))
    assert np.abs(shown - wanted).mean() < 3


@pytest.mark.parametrize("kind", KINDS)
def test_a_damaged_file_is_refused(kind: str) -> None:
    data = KINDS[kind]

    for damaged in (data[:-20], data[:30], data[:40] + bytes(len(data) - 40)):
        with pytest.raises(ValueError, match=r".+"):
            reduced_avif(damaged, SIZE, 2)


@pytest.mark.slow
def test_a_large_one_is_upright_and_on_white() -> None:
    stored = transparent_above(4800, 3600).transpose(Image.Transpose.ROTATE_90)

    decoded = decode(encoded(stored, "AVIF", exif=exif(6), speed=10), min_side_px=240)

    assert decoded.shape == (720, 960, 3)
    assert decoded[:350].min() >= 250
    assert np.abs(decoded[370:].astype(int) - np.asarray(picture(960, 720))[370:]).mean() < 3


@pytest.mark.slow
def test_a_large_one_that_was_cut_off_is_unreadable() -> None:
    data = encoded(picture(4800, 3600), "AVIF", speed=10)

    with pytest.raises(UnreadablePhoto, match="AVIF file is truncated or damaged"):
        decode(data[: len(data) // 2], min_side_px=240)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="ru_maxrss is in other units elsewhere")
def test_fifty_megapixels_take_little_memory() -> None:
    data = encoded(Image.new("RGB", (8160, 6120), (90, 140, 60)), "AVIF", speed=10)

    assert decoding_mb(data) < 150  # 480 as Pillow does it
