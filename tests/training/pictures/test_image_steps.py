"""Every step takes any picture, does what its name says, and is written as it is read."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from inference.photo.preprocess import Preprocessing
from training.pictures.image_steps import STEPS, ImageSteps, StepUnknown, parse

Pixels = NDArray[np.uint8]


def dim_photo(height: int = 60, width: int = 80) -> Pixels:
    """Brown fur under a lamp: nothing brighter than 120, much darker on one side."""
    noise = np.random.default_rng(height * width).integers(0, 40, (height, width, 1))
    light = np.linspace(0.2, 1, width)[None, :, None]
    return np.asarray((noise + 80) * light * np.array([1.0, 0.6, 0.4]), np.uint8)


def grey(image: Pixels) -> Pixels:
    return np.array(Image.fromarray(image).convert("L"))


def hue_and_saturation(image: Pixels) -> tuple[float, float]:
    """Of the mean colour, 0–255 each."""
    mean = Image.fromarray(np.rint(image.reshape(-1, 1, 3).mean(axis=0, keepdims=True)).astype(np.uint8))
    hue, saturation, _ = np.asarray(mean.convert("HSV"), float)[0, 0]
    return hue, saturation


@given(name=st.sampled_from(sorted(STEPS)), height=st.integers(1, 40), width=st.integers(1, 40))
@settings(max_examples=60)
def test_any_picture_keeps_its_shape(name: str, height: int, width: int) -> None:
    original = dim_photo(height, width)
    before = original.copy()

    changed = ImageSteps((name,))(original)

    assert changed.shape == (height, width, 3)
    assert changed.dtype == np.uint8
    np.testing.assert_array_equal(original, before)


@pytest.mark.parametrize("name", ["equalise", "equalise-adaptive", "contrast"])
@pytest.mark.parametrize("level", [0, 90, 255])
def test_a_picture_of_one_grey_stays_grey(name: str, level: int) -> None:
    changed = ImageSteps((name,))(np.full((30, 30, 3), level, np.uint8))

    assert int(changed.max()) == int(changed.min())


def test_equalising_spreads_brightness_evenly_over_the_whole_range() -> None:
    changed = grey(parse("equalise")(dim_photo()))

    shares = np.histogram(changed, bins=4, range=(0, 256))[0] / changed.size
    np.testing.assert_allclose(shares, 0.25, atol=0.06)


def test_equalising_adaptively_brings_out_fur_everywhere() -> None:
    original = dim_photo(120, 160)

    changed = parse("equalise-adaptive")(original)

    gain = grey(changed).std(axis=0) / grey(original).std(axis=0)
    assert gain.min() > 1.5


@pytest.mark.parametrize("name", ["equalise", "equalise-adaptive", "contrast"])
def test_brown_stays_brown(name: str) -> None:
    original = dim_photo()

    changed = ImageSteps((name,))(original)

    (hue, saturation), (hue_after, saturation_after) = (hue_and_saturation(image) for image in (original, changed))
    assert hue_after == pytest.approx(hue, abs=4)
    assert saturation_after > 0.6 * saturation


@pytest.mark.parametrize("name", ["denoise", "denoise-gaussian"])
def test_noise_reduction_calms_plains_and_keeps_edges(name: str) -> None:
    noisy = np.random.default_rng(1).normal(60, 15, (40, 40, 3))
    noisy[:, 20:] += 120

    changed = ImageSteps((name,))(noisy.clip(0, 255).astype(np.uint8)).astype(float)

    assert changed[:, :17].std() < 0.6 * noisy[:, :17].std()
    assert changed[:, 22:].mean() - changed[:, :18].mean() == pytest.approx(120, abs=3)


def test_the_median_removes_single_wrong_pixels() -> None:
    clean = np.full((30, 30, 3), 90, np.uint8)
    spotted = clean.copy()
    spotted[5::7, 5::7] = 255

    np.testing.assert_array_equal(parse("denoise")(spotted), clean)


def test_sharpening_steepens_edges_and_leaves_plains() -> None:
    blurred = np.full((20, 40, 3), 60, np.uint8)
    blurred[:, 18:22] = np.array([80, 110, 140, 160])[None, :, None]
    blurred[:, 22:] = 180

    changed = parse("sharpen")(blurred).astype(int)

    assert np.diff(changed[10, :, 0]).max() > np.diff(blurred[10, :, 0].astype(int)).max()
    np.testing.assert_array_equal(changed[:, :10], 60)


def test_contrast_reaches_from_black_to_white() -> None:
    changed = grey(parse("contrast")(dim_photo()))

    assert np.percentile(changed, 1) <= 8
    assert np.percentile(changed, 99) >= 150


def test_steps_run_in_their_order_and_are_written_as_they_are_read() -> None:
    steps = parse(" equalise, denoise ,,squash:20")

    assert str(steps) == "equalise,denoise,squash:20"
    assert parse(str(steps)) == steps
    one_by_one = parse("squash:20")(parse("denoise")(parse("equalise")(dim_photo())))
    np.testing.assert_array_equal(steps(dim_photo()), one_by_one)
    assert not np.array_equal(parse("denoise,equalise,squash:20")(dim_photo()), one_by_one)


@pytest.mark.parametrize("rule", ["center_crop", "squash", "letterbox"])
def test_resize_rules_are_those_of_serving(rule: str) -> None:
    expected = Preprocessing(24, 24, rule)(dim_photo())  # type: ignore[arg-type]

    np.testing.assert_array_equal(parse(f"{rule}:24")(dim_photo()), expected)


def test_no_steps_leave_the_photo_as_it_is() -> None:
    assert parse("")(dim_photo()).tobytes() == dim_photo().tobytes()
    assert str(parse(" ")) == ""


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("equalize", "unknown step 'equalize'; there are: equalise, .*, sharpen, contrast, center_crop:PX, squash:PX"),
        ("squash", "unknown step 'squash'"),
        ("denoise:3", "unknown step 'denoise:3'"),
        ("equalise,squash:0", "step 'squash:0': expected a size from 1 to 4096, such as squash:224"),
        ("letterbox:x", "step 'letterbox:x': expected a size"),
        ("letterbox:5000", "step 'letterbox:5000': expected a size"),
    ],
)
def test_an_unknown_step_is_named_with_those_there_are(text: str, reason: str) -> None:
    with pytest.raises(StepUnknown, match=reason):
        parse(text)
