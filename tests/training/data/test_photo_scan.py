"""A look at a file tells what it is, whatever it is called, and never fails."""

from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from inference.photo.formats import PhotoFormat
from training.data.check.photo_scan import ScannedPhoto, scan
from training.data.read.labelled_photo import LabelledPhoto


def picture(kind: str, size: tuple[int, int] = (60, 40)) -> bytes:
    file = BytesIO()
    Image.fromarray(np.random.default_rng(1).integers(0, 255, (*size[::-1], 3), np.uint8)).save(file, kind)
    return file.getvalue()


def scanned(path: Path, content: bytes) -> ScannedPhoto:
    path.write_bytes(content)
    (found,) = scan([LabelledPhoto(path, "pug", path.name)])
    return found


@pytest.mark.parametrize(
    ("name", "kind", "misnamed"),
    [
        ("a.jpg", "JPEG", False),
        ("a.JPEG", "JPEG", False),
        ("a.jfif", "JPEG", False),
        ("a.jpe", "JPEG", False),
        ("a.jpg", "PNG", True),
        ("a.jpg", "BMP", True),
        ("a.tif", "TIFF", False),
        ("a.webp", "WEBP", False),
    ],
)
def test_a_photo_is_what_its_bytes_say(tmp_path: Path, name: str, kind: str, misnamed: bool) -> None:
    found = scanned(tmp_path / name, picture(kind))

    assert (found.width, found.height, found.short_side, found.error) == (60, 40, 40, None)
    assert found.misnamed is misnamed
    assert found.sketch.shape == (32, 32)
    assert found.sketch.std() > 0
    assert len(found.sha256) == 64


@pytest.mark.parametrize(
    ("content", "kind", "said"),
    [
        (b"", None, "empty"),
        (b"<html>not found</html>", None, "web page"),
        (picture("JPEG")[: len(picture("JPEG")) * 2 // 5], PhotoFormat.JPEG, "cut off"),
    ],
)
def test_what_cannot_be_read_says_why(tmp_path: Path, content: bytes, kind: PhotoFormat | None, said: str) -> None:
    found = scanned(tmp_path / "a.jpg", content)

    assert said in (found.error or "")
    assert found.format is kind
    assert found.short_side == 0


def test_a_link_to_nothing_says_why(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").symlink_to(tmp_path / "gone.jpg")

    (found,) = scan([LabelledPhoto(tmp_path / "a.jpg", "pug", "a.jpg")])

    assert "cannot be opened" in (found.error or "")
    assert found.sha256 == ""
