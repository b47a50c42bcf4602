"""Any number of photos, from any thread, gets as many answers, the same as one by one."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from numpy.typing import NDArray
from shipped_engines import drawn_pictures, openvino_classifier

from core.breeds.catalogue import NOT_A_DOG
from core.prediction import Prediction
from inference.model.backbone import Features
from inference.model.classifier import Classifier
from inference.model.head import Calibration


def probabilities(predictions: list[Prediction]) -> NDArray[np.float64]:
    return np.array([[*(score.confidence for score in one.top), one.not_a_dog] for one in predictions])


@pytest.fixture(scope="module")
def pictures() -> NDArray[np.uint8]:
    return drawn_pictures(19)


@pytest.fixture(scope="module")
def one_by_one(pictures: NDArray[np.uint8]) -> list[Prediction]:
    return [openvino_classifier().predict(picture[None])[0] for picture in pictures]


@pytest.mark.slow
@pytest.mark.parametrize("count", [1, 2, 3, 5, 8, 9, 19])
def test_padding_and_splitting_change_no_answer(
    pictures: NDArray[np.uint8], one_by_one: list[Prediction], count: int
) -> None:
    answers = openvino_classifier().predict(pictures[:count])

    assert len(answers) == count
    assert [one.kind for one in answers] == [one.kind for one in one_by_one[:count]]
    assert [one.top[0].breed for one in answers] == [one.top[0].breed for one in one_by_one[:count]]
    np.testing.assert_allclose(probabilities(answers), probabilities(one_by_one[:count]), atol=0.002)


def test_no_photos_get_no_answers() -> None:
    classifier = openvino_classifier()

    assert classifier.predict(np.zeros((0, 224, 224, 3), np.uint8)) == []
    maps = classifier.raw_features(np.zeros((0, 224, 224, 3), np.uint8), maps=True).maps
    assert maps is not None
    assert (len(maps), maps.shape[3]) == (0, len(classifier.head.weights))


def test_pixels_in_any_memory_layout_give_the_same_answer(
    pictures: NDArray[np.uint8], one_by_one: list[Prediction]
) -> None:
    strided = np.asfortranarray(pictures[:2])
    frozen = pictures[:2].copy()
    frozen.setflags(write=False)

    for batch in (strided, frozen):
        answers = openvino_classifier().predict(batch)
        np.testing.assert_allclose(probabilities(answers), probabilities(one_by_one[:2]), atol=0.002)


@pytest.mark.parametrize(
    "batch",
    [
        np.zeros((224, 224, 3), np.uint8),
        np.zeros((1, 224, 224, 3), np.float32),
        np.zeros((1, 3, 224, 224), np.uint8),
        np.zeros((1, 224, 224, 4), np.uint8),
        np.zeros((2, 160, 160, 3), np.uint8),
    ],
)
def test_a_batch_of_another_shape_is_refused(batch: NDArray[np.uint8]) -> None:
    with pytest.raises(ValueError, match=r"expected uint8 \[N, 224, 224, 3\], got"):
        openvino_classifier().predict(batch)


@pytest.mark.slow
def test_threads_get_their_own_answers(pictures: NDArray[np.uint8], one_by_one: list[Prediction]) -> None:
    other = openvino_classifier().with_head(openvino_classifier().head.calibrated(Calibration(3.0)))

    def ask(number: int) -> list[Prediction]:
        return (other if number % 2 else openvino_classifier()).predict(pictures[number : number + 2])

    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(ask, range(12)))

    for number, pair in enumerate(answers):
        assert [one.top[0].breed for one in pair] == [one.top[0].breed for one in one_by_one[number : number + 2]]
        if number % 2 == 0:
            np.testing.assert_allclose(probabilities(pair), probabilities(one_by_one[number : number + 2]), atol=0.002)


def test_the_map_explains_the_logit_exactly(pictures: NDArray[np.uint8]) -> None:
    classifier = openvino_classifier()

    prediction, evidence = classifier.explain(pictures[0])

    best = prediction.top[0].breed
    assert best != NOT_A_DOG
    column = classifier.head.labels.index(best)
    logit = classifier.head.logits(classifier.raw_features(pictures[:1]).vectors)[0, column]
    assert evidence.shape == (7, 7)
    assert evidence.mean() + classifier.head.bias[column] == pytest.approx(logit, abs=1e-3)


class LossyBackbone:
    """Loses a photo of every batch."""

    engine = "lossy"
    batch_sizes = (2,)
    scans = False

    def features(self, batch: NDArray[np.uint8], *, maps: bool = False) -> Features:
        return Features(np.zeros((len(batch) - 1, 2048), np.float32), None)

    def close(self) -> None:
        pass


def test_an_engine_that_loses_a_photo_is_found_out() -> None:
    shipped = openvino_classifier()
    lossy = Classifier(LossyBackbone(), shipped.head, shipped.preprocessing)

    with pytest.raises(RuntimeError, match="lossy gave 1 features for 2 photos"):
        lossy.predict(np.zeros((2, 224, 224, 3), np.uint8))
    with pytest.raises(RuntimeError, match="no map"):
        Classifier(MaplessBackbone(), shipped.head, shipped.preprocessing).explain(np.zeros((224, 224, 3), np.uint8))


class MaplessBackbone(LossyBackbone):
    """Gives no maps."""

    def features(self, batch: NDArray[np.uint8], *, maps: bool = False) -> Features:
        return Features(np.zeros((len(batch), 2048), np.float32), None)
