"""Features for training are those that serving computes: the same pixels, the same engine, row by row."""

import io
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from checkout import SHARED
from numpy.typing import NDArray
from PIL import Image

from inference.engine.openvino import OpenVinoBackbone
from inference.model.backbone import Features
from inference.model.classifier import Classifier
from inference.photo.preprocess import Preprocessing
from inference.store.folder_store import ModelStore
from training.data.read.dataset import DatasetError, LabelledPhoto
from training.evaluation.evaluate import evaluate
from training.features.labelled_features import extract

SIZES = [(300, 200), (224, 224), (90, 400), (640, 480), (64, 64), (1200, 900), (256, 256), (225, 223), (31, 33)]


def encoded(number: int, kind: str) -> bytes:
    rng = np.random.default_rng(number)
    small = rng.integers(0, 256, (6, 8, 3), np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(small).resize(SIZES[number % len(SIZES)], Image.Resampling.BICUBIC).save(buffer, kind)
    return buffer.getvalue()


@pytest.fixture
def photos(tmp_path: Path) -> list[LabelledPhoto]:
    """Eleven photos of all sizes: a full batch of eight and three left over."""
    found = []
    for number in range(11):
        kind = ("JPEG", "PNG", "WEBP")[number % 3]
        path = tmp_path / f"{number}.{kind.lower()}"
        path.write_bytes(encoded(number, kind))
        found.append(LabelledPhoto(path, ("beagle", "pug")[number % 2], str(number)))
    return found


class Recorder:
    """Keeps what it is shown; its features are the photos' means."""

    engine = "recorder"
    batch_sizes = (1, 8)
    scans = False

    def __init__(self) -> None:
        self.shown: list[NDArray[np.uint8]] = []

    def features(self, batch: NDArray[np.uint8], *, maps: bool = False) -> Features:
        self.shown.append(batch)
        return Features(np.repeat(batch.mean(axis=(1, 2, 3), dtype=np.float32)[:, None], 2048, 1), None)

    def close(self) -> None:
        pass


@cache
def shipped() -> Classifier:
    store = ModelStore(Path("nothing-of-the-host"))
    head = store.head(store.pointer().model).head()
    backbone = store.backbone(head.backbone)
    return Classifier(OpenVinoBackbone(backbone.network()), head, backbone.preprocessing)


@pytest.mark.parametrize("rule", ["center_crop", "squash", "letterbox"])
def test_training_shows_the_network_the_very_pixels_of_serving(photos: list[LabelledPhoto], rule: str) -> None:
    preprocessing = Preprocessing.from_dict({**Preprocessing().to_dict(), "rule": rule})
    backbone = Recorder()

    extract(backbone, photos, preprocessing.decode, "test")

    served = [preprocessing.decode(photo.path.read_bytes()) for photo in photos]
    shown = np.concatenate(backbone.shown)
    np.testing.assert_array_equal(shown[: len(photos)], np.stack(served))
    assert [len(batch) for batch in backbone.shown] == [8, 8]


def test_rows_are_in_the_order_of_the_photos_without_the_padding(photos: list[LabelledPhoto]) -> None:
    found = extract(Recorder(), photos, Preprocessing().decode, "test")

    means = [Preprocessing().decode(photo.path.read_bytes()).mean() for photo in photos]
    assert found.features.dtype == np.float16
    np.testing.assert_allclose(found.features[:, 0], means, rtol=1e-3)
    assert found.labels.tolist() == [photo.breed for photo in photos]


def test_no_photos_have_no_features() -> None:
    found = extract(Recorder(), [], Preprocessing().decode, "test")

    assert found.features.shape == (0, 0)


def test_a_photo_that_cannot_be_read_is_named(photos: list[LabelledPhoto]) -> None:
    photos[9].path.write_bytes(b"no photo")

    with pytest.raises(DatasetError, match=r"9\.jpeg: .*remove or replace it"):
        extract(Recorder(), photos, Preprocessing().decode, "test")


@pytest.mark.slow
def test_features_for_training_are_the_features_that_answers_carry(photos: list[LabelledPhoto]) -> None:
    classifier = shipped()

    trained = extract(classifier.backbone, photos, classifier.preprocessing.decode, "test")

    served = [
        classifier.predict(classifier.preprocessing.decode(photo.path.read_bytes())[None])[0].features
        for photo in photos
    ]
    np.testing.assert_allclose(trained.features, np.stack(served), rtol=0.01, atol=0.01)


def test_an_evaluation_answers_every_readable_photo_and_names_the_others(photos: list[LabelledPhoto]) -> None:
    classifier = shipped()
    photos[4].path.write_bytes(b"no photo")
    for photo in photos[8:]:
        photo.path.unlink()

    evaluation = evaluate(classifier, photos)

    assert evaluation.photos == [*photos[:4], *photos[5:8]]
    assert set(evaluation.unreadable) == {str(photo.path) for photo in (photos[4], *photos[8:])}
    assert evaluation.metrics.n == len(evaluation.predictions) == 7
    alone = classifier.predict(classifier.preprocessing.decode(photos[5].path.read_bytes())[None])[0]
    assert evaluation.predictions[4].top[0].breed == alone.top[0].breed


def test_an_evaluation_of_nothing_readable_is_empty(photos: list[LabelledPhoto]) -> None:
    for photo in photos:
        photo.path.write_bytes(b"")

    evaluation = evaluate(shipped(), photos)

    assert (evaluation.photos, evaluation.metrics.n, len(evaluation.unreadable)) == ([], 0, 11)


@pytest.mark.slow
@pytest.mark.photos
def test_the_shipped_model_knows_the_photos_that_people_send() -> None:
    names = sorted((SHARED / "originals").glob("*.jpg"))
    photos = [LabelledPhoto(path, path.stem.rpartition("_")[0], path.stem) for path in names]
    photos = [photo for photo in photos if photo.breed in shipped().head.labels]
    if not photos:
        pytest.skip("no photos in ../shared")

    evaluation = evaluate(shipped(), photos[:24])

    assert evaluation.unreadable == {}
    assert evaluation.metrics.top1.value >= 0.8
    assert evaluation.metrics.dogs_rejected.value <= 0.05
