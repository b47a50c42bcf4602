"""Evidence is painted where the network saw it, whatever the crop."""

import numpy as np
import pytest
from numpy.typing import NDArray

from core.prediction import Box
from inference.model.heatmap import LIMIT_PX, paint
from inference.photo.preprocess import Preprocessing, Region, Rule, seen_region

GREY = np.full((300, 400, 3), 128, np.uint8)
FRAME = (255, 176, 0)


def evidence_at(row: int, column: int) -> NDArray[np.float32]:
    evidence = np.zeros((7, 7), np.float32)
    evidence[row, column] = 5
    return evidence


@pytest.mark.parametrize(
    ("rule", "region"),
    [
        ("center_crop", Region(200 - 131.25, 150 - 131.25, 200 + 131.25, 150 + 131.25)),
        ("squash", Region(0, 0, 400, 300)),
        ("letterbox", Region(0, -50, 400, 350)),
    ],
)
def test_the_region_is_what_the_preprocessing_shows(rule: Rule, region: Region) -> None:
    assert seen_region(400, 300, Preprocessing(224, 256, rule)) == region


def test_the_region_is_the_one_that_is_cut_out() -> None:
    preprocessing = Preprocessing(224, 256)
    region = seen_region(400, 300, preprocessing)
    photo = np.zeros((300, 400, 3), np.uint8)
    photo[int(region.top) + 2 : int(region.bottom) - 1, int(region.left) + 2 : int(region.right) - 1] = 255

    assert preprocessing(photo)[4:-4, 4:-4].min() == 255
    photo[:] = 255 - photo
    assert preprocessing(photo)[4:-4, 4:-4].max() == 0


@pytest.mark.parametrize("rule", ["center_crop", "squash", "letterbox"])
@pytest.mark.parametrize("cell", [(3, 3), (1, 5), (5, 1)])
def test_the_strongest_colour_lies_on_its_cell(rule: Rule, cell: tuple[int, int]) -> None:
    preprocessing = Preprocessing(224, 256, rule)
    region = seen_region(400, 300, preprocessing)

    painted = np.asarray(paint(GREY, evidence_at(*cell), preprocessing), np.int32)[:300]

    yellow = np.where((painted == FRAME).all(-1), 0, painted[..., 0] + painted[..., 1] - 2 * painted[..., 2])
    y, x = np.unravel_index(int(yellow.argmax()), yellow.shape)
    assert y == pytest.approx(region.top + (cell[0] + 0.5) / 7 * (region.bottom - region.top), abs=4)
    assert x == pytest.approx(region.left + (cell[1] + 0.5) / 7 * (region.right - region.left), abs=4)


def test_what_was_never_seen_is_dim_and_unpainted() -> None:
    painted = np.asarray(paint(GREY, np.ones((7, 7), np.float32), Preprocessing(224, 256)))

    corner = painted[0, 0]
    assert len(set(corner.tolist())) == 1
    assert corner[0] < 128


def test_evidence_against_leaves_the_photo_as_it_is() -> None:
    painted = np.asarray(paint(GREY, np.full((7, 7), -3, np.float32), Preprocessing(rule="squash")))

    assert (painted[:300] == GREY).all()


def test_a_dog_is_framed_and_its_evidence_lies_within() -> None:
    box = Box(0.5, 0.25, 0.25, 0.5)

    painted = np.asarray(paint(GREY, evidence_at(3, 3), Preprocessing(224, 224), box), np.int32)[:300]

    yellow = np.where((painted == FRAME).all(-1), 0, painted[..., 0] + painted[..., 1] - 2 * painted[..., 2])
    y, x = np.unravel_index(int(yellow.argmax()), yellow.shape)
    assert y == pytest.approx(150, abs=6)
    assert x == pytest.approx(250, abs=4)
    assert painted[10, 10, 0] < 128
    frame = (painted == FRAME).all(-1)
    assert frame[80:220, 196:206].any(axis=1).all()
    assert frame[80:220, 294:304].any(axis=1).all()


def test_below_the_photo_is_a_scale_from_none_to_most() -> None:
    painted = np.asarray(paint(GREY, evidence_at(3, 3), Preprocessing(rule="squash")), np.int32)

    bar = painted[-4]
    assert len(painted) > 300
    assert len(set(bar[0].tolist())) == 1
    assert bar[-1, 0] > bar[-1, 2] + 60


def test_large_photos_become_smaller() -> None:
    painted = paint(np.zeros((100, 3000, 3), np.uint8), evidence_at(3, 3), Preprocessing(rule="letterbox"))

    assert painted.width == LIMIT_PX
    assert painted.height < 100


def test_a_picture_too_narrow_to_be_sent_has_white_beside_it() -> None:
    narrow = np.full((2200, 100, 3), 90, np.uint8)

    painted = paint(narrow, np.ones((7, 7), np.float32), Preprocessing())

    assert max(painted.size) / min(painted.size) <= 20
    assert painted.getpixel((0, 0)) == (255, 255, 255)


def test_two_answers_held_against_each_other_are_orange_and_blue_by_the_same_measure() -> None:
    evidence = evidence_at(3, 1) - evidence_at(3, 5) + 2 * evidence_at(0, 0)

    painted = np.asarray(paint(GREY, evidence, Preprocessing(rule="squash"), contrast=True), np.int32)

    orange, blue = (painted[150, int((column + 0.5) / 7 * 400)] for column in (1, 5))
    assert orange[0] > 128 > orange[2]
    assert blue[2] > 128 > blue[0]
    assert (painted[150, 200] == 128).all()
    left, right = painted[-1, 0], painted[-1, -1]  # the scale
    assert left[2] > left[0]
    assert right[0] > right[2]
