"""Features of any base go through the cache, under a name that says what made them."""

from io import BytesIO
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from PIL import Image

from inference.photo.preprocess import Preprocessing
from training.data.read.dataset import LabelledPhoto
from training.features.feature_cache import FeatureCache
from training.networks import KerasExtractor, features_network
from training.pictures.image_steps import parse

pytestmark = pytest.mark.keras


def tiny_base(seed: int = 1) -> Any:
    photos = keras.Input((16, 16, 3), dtype="uint8")
    start = keras.initializers.RandomNormal(seed=seed)
    maps = keras.layers.Conv2D(4, 3, kernel_initializer=start)(keras.layers.Rescaling(1 / 255)(photos))
    return keras.Model(photos, maps, name="tiny_base")


def jpeg(seed: int) -> bytes:
    noise = np.random.default_rng(seed).integers(0, 256, (20, 30, 3), np.uint8)
    file = BytesIO()
    Image.fromarray(noise).save(file, "JPEG")
    return file.getvalue()


def test_whatever_changes_the_numbers_changes_the_name() -> None:
    base, squash = tiny_base(), Preprocessing(16, rule="squash")
    extractors = [
        KerasExtractor(base, "pooling"),
        KerasExtractor(base, "flatten"),
        KerasExtractor(base, "pooling", squash),
        KerasExtractor(base, "pooling", squash, parse("equalise")),
        KerasExtractor(tiny_base(2), "pooling"),
    ]

    names = [extractor.id for extractor in extractors]

    assert len(set(names)) == len(names)
    assert names[0].startswith("tiny-base-pooling-")
    assert KerasExtractor(tiny_base(), "pooling", batch_size=3).id == names[0]


def test_steps_come_before_the_networks_own_size() -> None:
    extractor = KerasExtractor(tiny_base(), "pooling", Preprocessing(16, rule="squash"), parse("equalise,denoise"))

    plain = KerasExtractor(tiny_base(), "pooling", Preprocessing(16, rule="squash"))

    assert extractor.prepare(jpeg(1)).shape == plain.prepare(jpeg(1)).shape == (16, 16, 3)
    assert not np.array_equal(extractor.prepare(jpeg(1)), plain.prepare(jpeg(1)))


def test_a_preprocessing_for_another_network_is_refused() -> None:
    with pytest.raises(ValueError, match="input_px=224: tiny_base takes 16"):
        KerasExtractor(tiny_base(), "pooling", Preprocessing())


def test_the_cache_gives_the_networks_own_features(tmp_path: Path) -> None:
    photos = []
    for number in range(5):
        path = tmp_path / f"{number}.jpg"
        path.write_bytes(jpeg(number))
        photos.append(LabelledPhoto(path, "beagle", str(number)))
    base = tiny_base()
    extractor = KerasExtractor(base, "flatten", batch_size=2)

    rows = FeatureCache(tmp_path / "features").features(extractor, photos)

    pixels = np.stack([extractor.prepare(photo.path.read_bytes()) for photo in photos])
    expected = np.asarray(features_network(base, "flatten")(pixels))
    np.testing.assert_allclose(rows, expected, rtol=2e-3, atol=1e-3)
