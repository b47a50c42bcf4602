"""A head trained on features alone does the same on its base."""

from typing import Any

import keras
import numpy as np
import pytest

from training.networks import UnknownNetwork, attach, count_params, features_network, head_network, study_network

pytestmark = pytest.mark.keras


@pytest.fixture
def tiny_base() -> Any:
    photos = keras.Input((8, 8, 3), dtype="uint8")
    maps = keras.layers.Conv2D(6, 3)(keras.layers.Rescaling(1 / 255)(photos))
    model = keras.Model(photos, maps)
    model.trainable = False
    return model


@pytest.mark.parametrize(("join", "features"), [("pooling", 6), ("flatten", 216)])
def test_the_join_decides_how_many_features_there_are(tiny_base: Any, join: Any, features: int) -> None:
    model = study_network(tiny_base, classes=5, join=join, dense=(10, 4))

    assert features_network(tiny_base, join).output.shape == (None, features)
    trainable = 10 * (features + 1) + 4 * 11 + 5 * 5
    assert count_params(model) == (trainable + 168, trainable, 168)


@pytest.mark.parametrize("join", ["pooling", "flatten"])
def test_a_head_trained_on_features_answers_alike_on_its_base(tiny_base: Any, join: Any) -> None:
    photos = np.random.default_rng(1).integers(0, 256, (40, 8, 8, 3), np.uint8)
    labels = np.asarray(photos[..., 0].mean(axis=(1, 2)) > 127, int)
    features = np.asarray(features_network(tiny_base, join)(photos))
    head = head_network(features.shape[1], 2, (8,))
    head.compile("adam", "sparse_categorical_crossentropy")

    losses = head.fit(features, labels, epochs=20, verbose=0).history["loss"]

    assert losses[-1] < losses[0]
    on_photos = np.asarray(attach(tiny_base, join, head)(photos))
    np.testing.assert_allclose(on_photos, np.asarray(head(features)), rtol=1e-4, atol=1e-6)


def test_an_unknown_join_is_named(tiny_base: Any) -> None:
    with pytest.raises(UnknownNetwork, match="unknown join 'sum'; there are: pooling, flatten"):
        study_network(tiny_base, classes=2, join="sum")  # type: ignore[arg-type]
