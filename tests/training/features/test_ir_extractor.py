"""A teacher in OpenVINO's format gives its features; what is none is named."""

from pathlib import Path

import numpy as np
import openvino as ov
import pytest
from made_photos import jpeg, scene
from openvino import opset13 as ops

from training.data.read.labelled_photo import DatasetError
from training.features.ir_extractor import IrExtractor

SIDE = 20


@pytest.fixture
def teacher(tmp_path: Path) -> Path:
    """Its features are the mean red, green and blue."""
    photos = ops.parameter([-1, SIDE, SIDE, 3], np.uint8)
    means = ops.reduce_mean(ops.convert(photos, "f32"), np.array([1, 2]), keep_dims=False)
    result = ops.result(means)
    result.output(0).tensor.set_names({"features"})
    ov.save_model(ov.Model([result], [photos]), tmp_path / "teacher.xml", compress_to_fp16=False)
    return tmp_path / "teacher.xml"


def test_a_teacher_sees_the_middle_square_in_its_own_size(teacher: Path) -> None:
    extractor = IrExtractor(teacher)

    pixels = extractor.prepare(jpeg(scene(1)))
    features = extractor(np.stack([pixels, np.zeros_like(pixels)]))

    assert pixels.shape == (SIDE, SIDE, 3)
    np.testing.assert_allclose(features, [pixels.mean((0, 1)), [0, 0, 0]], rtol=0.01)
    assert extractor.id == IrExtractor(teacher).id
    assert extractor.id.startswith("teacher-")


def test_what_is_no_teacher_is_named(teacher: Path, tmp_path: Path) -> None:
    (tmp_path / "other.xml").write_text("no network")
    teacher.with_suffix(".bin").unlink()

    for path in (tmp_path / "missing.xml", tmp_path / "other.xml"):
        with pytest.raises(DatasetError, match=path.name):
            IrExtractor(path)
