"""Pictures for a page: small, upright, and without what a camera wrote beside them."""

import base64
import io
from pathlib import Path

import numpy as np
from PIL import Image

from training.evaluation.report.embedded_picture import plot, thumbnail


def decoded(uri: str) -> Image.Image:
    head, _, data = uri.partition(",")
    assert head == "data:image/webp;base64"
    return Image.open(io.BytesIO(base64.b64decode(data)))


def test_a_thumbnail_is_small_upright_and_tells_nothing_of_the_camera(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turn by 90° to see it upright
    exif[0x010F] = "Secret Camera"
    Image.new("RGB", (800, 400), "red").save(tmp_path / "x.jpg", exif=exif, comment=b"secret place")

    uri = thumbnail(tmp_path / "x.jpg", side_px=100)

    assert uri is not None
    with decoded(uri) as image:
        assert image.size == (50, 100)
        assert len(image.getexif()) == 0
        assert not image.info.get("exif")
    assert b"ecret" not in base64.b64decode(uri.partition(",")[2])


def test_a_photo_that_went_away_has_no_thumbnail(tmp_path: Path) -> None:
    (tmp_path / "junk.jpg").write_bytes(b"junk")

    assert thumbnail(tmp_path / "junk.jpg") is None
    assert thumbnail(tmp_path / "missing.jpg") is None


def test_a_plot_loses_nothing() -> None:
    pixels = np.random.default_rng(0).integers(0, 255, (20, 30, 3), np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")

    uri, width, height = plot(file.getvalue())

    with decoded(uri) as image:
        assert (width, height) == image.size == (30, 20)
        np.testing.assert_array_equal(np.asarray(image.convert("RGB")), pixels)
