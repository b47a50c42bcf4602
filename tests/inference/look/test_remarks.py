"""Only what was measured is remarked on."""

import numpy as np
import pytest
from painted import looked_at, painted
from PIL import Image, ImageFilter

from core.prediction import Remark
from inference.look.remarks import remarks_on, remarks_on_dogs

SHARP = np.random.default_rng(0).integers(0, 255, (56, 56, 3), np.uint8).repeat(4, 0).repeat(4, 1)


def test_an_ordinary_photo_is_fine() -> None:
    assert remarks_on(SHARP) == ()


def test_dark_and_blurred_photos_are_told_from_it() -> None:
    blurred = np.asarray(Image.fromarray(SHARP).filter(ImageFilter.GaussianBlur(6)))

    assert remarks_on(SHARP // 5) == (Remark.DARK,)
    assert remarks_on(blurred) == (Remark.BLURRED,)


@pytest.mark.parametrize(("side", "remarks"), [(250, (Remark.SMALL,)), (640, ())])
def test_a_small_dog_is_remarked_on(side: int, remarks: tuple[Remark, ...]) -> None:
    said = looked_at(painted((960, 720), pug=(20, 20, side))).predictions

    assert remarks_on_dogs(said, (960, 720)) == remarks


def test_of_no_dog_nothing_is_said_and_of_few_pixels_it_is() -> None:
    nothing = looked_at(painted((400, 300))).predictions
    tiny = looked_at(painted((48, 48), pug=(0, 0, 48))).predictions

    assert remarks_on_dogs(nothing, (400, 300)) == ()
    assert remarks_on_dogs(tiny, (48, 48)) == (Remark.SMALL,)
