"""Training and serving see the same pixels."""

import hashlib
from typing import Any

import numpy as np
import pytest
from broken_photos import broken_photos, encoded, picture
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from inference.photo.decode import DecodeLimits, PhotoError, TooManyPixels, decode
from inference.photo.preprocess import Preprocessing, Rule

RULES: tuple[Rule, ...] = ("center_crop", "squash", "letterbox")
# Pixels are part of what a model was trained on: if a new Pillow changes these, models must be measured again.
GOLDEN = {
    "center_crop": "be3510ffcd3b04f7",
    "squash": "4a5d2657c6258370",
    "letterbox": "4250f402c533b673",
}


def waves(height: int, width: int) -> NDArray[np.uint8]:
    """A picture of whole numbers only, the same on every machine."""
    y, x = np.mgrid[0:height, 0:width]
    return np.stack([(x * 3 + y) % 256, (x * y // 7) % 256, (y * 5) % 256], axis=-1).astype(np.uint8)


@pytest.mark.parametrize("rule", RULES)
def test_pixels_are_the_same_as_ever(rule: Rule) -> None:
    fitted = Preprocessing(rule=rule)(waves(600, 2500))

    assert hashlib.sha256(fitted.tobytes()).hexdigest()[:16] == GOLDEN[rule]


@pytest.mark.slow
@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("size", [(800, 600), (1600, 1200), (3000, 3000), (90, 200)])
def test_bytes_take_the_same_way_as_pixels(rule: Rule, size: tuple[int, int]) -> None:
    preprocessing = Preprocessing(rule=rule)
    data = encoded(Image.fromarray(waves(size[1], size[0])), "JPEG")

    served = preprocessing.decode(data)

    assert np.array_equal(served, preprocessing(decode(data, min_side_px=preprocessing.min_side_px)))


@pytest.mark.parametrize("rule", RULES)
@given(width=st.integers(1, 700), height=st.integers(1, 700), input_px=st.integers(1, 64), more_px=st.integers(0, 30))
@settings(max_examples=40)
def test_any_shape_fits(rule: Rule, width: int, height: int, input_px: int, more_px: int) -> None:
    fitted = Preprocessing(input_px, input_px + more_px, rule)(waves(height, width))

    assert fitted.shape == (input_px, input_px, 3)
    assert fitted.dtype == np.uint8
    assert fitted.flags.writeable


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("shape", [(1, 20_000), (20_000, 1), (1, 1)])
def test_a_thread_of_pixels_costs_no_more_than_it_holds(rule: Rule, shape: tuple[int, int]) -> None:
    assert Preprocessing(rule=rule)(np.full((*shape, 3), 77, np.uint8)).shape == (224, 224, 3)


def test_cropping_first_equals_resizing_everything_and_cropping() -> None:
    image = waves(640, 960)  # 256/640 leaves whole pixels: 384 × 256, cropped by 80 and 16

    fitted = Preprocessing()(image)

    whole = Image.fromarray(image).resize((384, 256), Image.Resampling.BILINEAR)
    assert np.array_equal(fitted, np.asarray(whole.crop((80, 16, 304, 240))))


def test_center_crop_keeps_the_middle_and_squash_keeps_the_rim() -> None:
    image = np.zeros((300, 900, 3), np.uint8)
    image[:, :150] = 255

    assert Preprocessing(rule="center_crop")(image).max() == 0
    assert Preprocessing(rule="squash")(image)[:, :30].min() == 255


def test_letterbox_shows_everything_between_grey_bars() -> None:
    fitted = Preprocessing(rule="letterbox")(np.full((300, 600, 3), 255, np.uint8))

    assert fitted[56:168].min() == 255
    assert [tuple(fitted[row, 0]) for row in (0, 55, 168, 223)] == [(124, 116, 104)] * 4


def test_a_reduced_decoding_changes_next_to_nothing() -> None:
    smooth = Image.fromarray(waves(30, 40)).resize((3200, 2400), Image.Resampling.BICUBIC)
    data = encoded(smooth, "JPEG", quality=90)
    preprocessing = Preprocessing()

    reduced, full = preprocessing.decode(data), preprocessing(decode(data))

    assert decode(data, min_side_px=preprocessing.min_side_px).shape == (300, 400, 3)
    assert np.abs(reduced.astype(int) - full.astype(int)).mean() < 1


def test_the_decoder_is_asked_for_no_more_than_the_size_that_is_needed() -> None:
    assert Preprocessing(224, 256, "center_crop").min_side_px == 256
    assert Preprocessing(224, 256, "squash").min_side_px == 224


def test_broken_photos_and_limits_pass_through() -> None:
    for photo in broken_photos():
        with pytest.raises(PhotoError):
            Preprocessing().decode(photo.data)
    with pytest.raises(TooManyPixels):
        Preprocessing().decode(encoded(picture(), "PNG"), DecodeLimits(limit_pixels=10))


def test_only_rgb_pictures_are_taken() -> None:
    for wrong in (np.zeros((5, 5), np.uint8), np.zeros((5, 5, 4), np.uint8), np.zeros((0, 5, 3), np.uint8)):
        with pytest.raises(ValueError, match="uint8"):
            Preprocessing()(wrong)


@pytest.mark.parametrize("rule", RULES)
def test_the_declaration_survives_the_manifest(rule: Rule) -> None:
    preprocessing = Preprocessing(160, 200, rule)

    assert Preprocessing.from_dict(preprocessing.to_dict()) == preprocessing


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"input_px": "224"}, "input_px='224'"),
        ({"input_px": 224.0}, "input_px=224.0"),
        ({"input_px": True}, "input_px=True"),
        ({"input_px": 0}, "input_px=0"),
        ({"resize_px": 100_000}, "resize_px=100000"),
        ({"resize_px": 100}, "resize_px=100"),
        ({"rule": "stretch"}, "rule='stretch'"),
        ({"rule": ["squash"]}, "rule="),
        ({"resampling": "nearest"}, "resampling='nearest'"),
        ({"mean": 0.5}, "mean=0.5"),
    ],
)
def test_a_wrong_declaration_names_key_and_value(change: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Preprocessing.from_dict({**Preprocessing().to_dict(), **change})


def test_a_missing_key_is_named() -> None:
    declared = Preprocessing().to_dict()
    del declared["rule"]

    with pytest.raises(ValueError, match="rule: missing"):
        Preprocessing.from_dict(declared)
