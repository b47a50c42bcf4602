"""The self-check passes on the shipped model and notices what can go wrong between weights and answers."""

import numpy as np
import pytest
from made_models import LABELS, features_of, straight_head
from numpy.typing import NDArray
from shipped_engines import drawn_pictures, openvino, shipped_backbone, shipped_head

from inference.model.artefact import ArtefactError
from inference.model.backbone import Features
from inference.model.self_check import MIN_COSINE, check_backbone, check_head, drawn_picture, golden_accuracy

SUM = 19_047_870  # of all pixels: a change to the picture makes every stored self-check worthless


class Bent:
    """The shipped network behind one mistake."""

    engine = "bent"
    batch_sizes = (1,)
    scans = False

    def __init__(self, mistake: str) -> None:
        self._mistake = mistake

    def features(self, batch: NDArray[np.uint8], *, maps: bool = False) -> Features:
        if self._mistake == "colours":
            batch = batch[..., ::-1]
        if self._mistake == "scale":
            batch = batch // 2
        if self._mistake == "upside down":
            batch = batch[:, ::-1]
        vectors = openvino().features(batch).vectors
        if self._mistake == "nan":
            vectors[0, 7] = np.nan
        if self._mistake == "zero":
            vectors[:] = 0
        if self._mistake == "order":
            vectors = vectors[:, ::-1]
        return Features(vectors, None)

    def close(self) -> None:
        pass


def test_the_drawn_picture_never_changes() -> None:
    picture = drawn_picture(224)

    assert picture.shape == (224, 224, 3)
    assert picture.dtype == np.uint8
    assert picture.min() < 30
    assert picture.max() > 225
    assert abs(int(picture.sum(dtype=np.int64)) - SUM) < 50, "sines may round otherwise on another machine, no more"


def test_the_shipped_model_passes() -> None:
    backbone, head = shipped_backbone(), shipped_head()

    check_backbone(openvino(), backbone)
    check_head(head, backbone, 0.8)
    features, labels = backbone.golden()
    assert golden_accuracy(head, features, labels) > 0.85


@pytest.mark.parametrize("mistake", ["colours", "scale", "upside down", "nan", "zero", "order"])
def test_an_engine_with_a_mistake_fails(mistake: str) -> None:
    with pytest.raises(ArtefactError, match="self-check failed on bent"):
        check_backbone(Bent(mistake), shipped_backbone())


def test_an_engine_that_rounds_passes() -> None:
    exact = openvino().features(drawn_picture(224)[None]).vectors[0]
    rounded = exact.view(np.uint32) & np.uint32(0xFFFF0000)  # bf16 keeps the upper half of a float32

    cosine = float(rounded.view(np.float32) @ exact) / float(
        np.linalg.norm(rounded.view(np.float32)) * np.linalg.norm(exact)
    )
    assert cosine > MIN_COSINE


def test_pictures_that_differ_have_features_that_differ() -> None:
    one, other = openvino().features(drawn_pictures(2)).vectors

    assert float(one @ other) / float(np.linalg.norm(one) * np.linalg.norm(other)) < MIN_COSINE


def test_a_head_with_swapped_columns_breaks_its_promise() -> None:
    head = shipped_head()
    swapped = type(head)(
        head.model, head.backbone, head.labels, head.weights[:, ::-1].copy(), head.bias[::-1].copy(), head.calibration
    )

    with pytest.raises(ArtefactError, match="self-check failed"):
        check_head(swapped, shipped_backbone(), 0.8)


def test_golden_photos_of_unknown_breeds_are_left_out() -> None:
    head = straight_head("made", "bones")
    features = np.stack([features_of("pug"), features_of("borzoi"), features_of("pug")])

    assert golden_accuracy(head, features, np.array(["pug", "pug", "whippet"])) == 0.5
    assert golden_accuracy(head, features, np.array(["whippet"] * 3)) == 0.0
    assert set(LABELS).isdisjoint({"whippet"})
