"""What a moderator sees of a photo: a copy that tells nothing else, and where the evidence for a breed lies."""

from io import BytesIO

import numpy as np
import pytest
from PIL import Image
from shipped_engines import openvino_classifier

from core.breeds.catalogue import NOT_A_DOG
from core.prediction import WHOLE_PHOTO, Box
from inference.photo.decode import UnreadablePhoto
from inference.photo.viewing_copy import VIEW_PX, viewing_copy
from inference.serving.heatmap_service import HeatmapPainter


def photo(width: int = 400, height: int = 300, exif: Image.Exif | None = None) -> bytes:
    pixels = np.random.default_rng(7).integers(0, 255, (height, width, 3), np.uint8)
    file = BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", exif=exif or Image.Exif())
    return file.getvalue()


async def fetch(sha256: str) -> bytes:
    if sha256 == "gone":
        raise KeyError(sha256)
    return photo() if sha256 == "photo" else b"no photo"


@pytest.mark.parametrize("breed", ["beagle", NOT_A_DOG])
async def test_evidence_is_painted_over_the_photo(breed: str) -> None:
    painted = await HeatmapPainter(openvino_classifier, fetch)("photo", breed)

    assert painted is not None
    width, height = Image.open(BytesIO(painted)).size
    assert (width, height > 300) == (400, True)


async def test_the_evidence_of_one_dog_is_painted_over_its_box() -> None:
    whole = await HeatmapPainter(openvino_classifier, fetch)("photo", "beagle")
    one = await HeatmapPainter(openvino_classifier, fetch)("photo", "beagle", Box(0.5, 0.5, 0.3, 0.4))

    assert whole is not None
    assert one is not None
    corner = [np.asarray(Image.open(BytesIO(painted)), np.int32)[100:140, 140:180].mean() for painted in (whole, one)]
    assert corner[1] < 0.7 * corner[0]


async def test_one_breed_is_painted_against_another_that_the_model_knows() -> None:
    painter = HeatmapPainter(openvino_classifier, fetch)
    alone, against = await painter("photo", "beagle"), await painter("photo", "beagle", WHOLE_PHOTO, "basset_hound")

    assert against is not None
    assert against != alone
    assert await painter("photo", "beagle", WHOLE_PHOTO, "unheard_of") is None


@pytest.mark.parametrize(("sha256", "breed"), [("gone", "beagle"), ("broken", "beagle"), ("photo", "unheard_of")])
async def test_where_there_is_nothing_to_paint_there_is_none(sha256: str, breed: str) -> None:
    assert await HeatmapPainter(openvino_classifier, fetch)(sha256, breed) is None


def test_a_viewing_copy_is_upright_small_and_tells_no_place() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # orientation: turned by 90°
    exif.get_ifd(0x8825)[1] = "N"  # GPS

    copy = Image.open(BytesIO(viewing_copy(photo(4000, 300, exif))))

    assert copy.size == (120, VIEW_PX)
    assert (copy.format, dict(copy.getexif())) == ("JPEG", {})


def test_what_is_no_photo_has_no_viewing_copy() -> None:
    with pytest.raises(UnreadablePhoto):
        viewing_copy(b"<script>alert(1)</script>")
