"""Batch norm, colour order and padding survive the way from Keras into the serving engine."""

from pathlib import Path
from typing import Any

import keras
import numpy as np
import openvino as ov
import pytest
from numpy.typing import NDArray
from random_resnet50 import random_resnet50

from inference.engine.openvino import OpenVinoBackbone
from inference.model.network import PackedNetwork
from inference.model.resnet50 import kernel_shapes
from inference.model.self_check import drawn_picture
from inference.model.weights import PackedConv, write_packed_weights
from training.default.keras_backbone import load_backbone, pack

pytestmark = [pytest.mark.keras, pytest.mark.slow]

Float32 = NDArray[np.float32]
COMPUTES_IN_BF16 = "BF16" in ov.Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")


def pictures() -> NDArray[np.uint8]:
    """The drawn picture, and noise up to the rim, where padding shows."""
    noise = np.random.default_rng(1).integers(0, 256, (224, 224, 3), np.uint8)
    return np.stack([drawn_picture(224), noise])


def keras_maps(model: Any, photos: NDArray[np.uint8]) -> Float32:
    """float32 [N, 7, 7, 2048] by the published way: Keras' own network behind Keras' own preprocessing."""
    return np.asarray(model(keras.applications.resnet50.preprocess_input(photos.astype(np.float32)), training=False))


def served_maps(weights: dict[str, PackedConv], photos: NDArray[np.uint8]) -> Float32:
    backbone = OpenVinoBackbone(PackedNetwork(weights, photos.shape[1]))
    maps = backbone.features(photos, maps=True).maps
    backbone.close()
    assert maps is not None
    return maps


def distance(one: Float32, other: Float32) -> float:
    """Relative to the size of ``one``."""
    return float(np.linalg.norm(one - other) / np.linalg.norm(one))


@pytest.fixture(scope="module")
def exact() -> Any:
    return random_resnet50(1, on_int8_grid=True)


@pytest.fixture(scope="module")
def expected(exact: Any) -> Float32:
    return keras_maps(exact, pictures())


@pytest.fixture(scope="module")
def packed(exact: Any) -> dict[str, PackedConv]:
    return pack(exact)


def test_a_network_that_rounding_does_not_change_is_served_exactly(
    packed: dict[str, PackedConv], expected: Float32
) -> None:
    served = served_maps(packed, pictures())

    assert float((expected > 0).mean()) > 0.05, "a dead network would prove nothing"
    assert distance(expected, served) < (0.03 if COMPUTES_IN_BF16 else 1e-3)
    assert distance(expected, served[:, ::-1]) > 0.3, "a mistake would show"
    assert distance(expected, served_maps(packed, pictures()[..., ::-1])) > 0.1, "a wrong colour order would show"


def test_every_convolution_is_packed_in_its_shape(packed: dict[str, PackedConv]) -> None:
    assert {name: conv.kernel.shape for name, conv in packed.items()} == kernel_shapes()
    assert all(np.abs(conv.kernel.astype(int)).max(axis=(0, 1, 2)).min() == 127 for conv in packed.values())


def test_any_network_is_served_within_the_error_of_rounding() -> None:
    model = random_resnet50(2, on_int8_grid=False)

    expected, served = keras_maps(model, pictures()), served_maps(pack(model), pictures())

    assert distance(expected, served) < 0.06


def test_a_weights_file_is_loaded_as_it_was_saved(exact: Any, packed: dict[str, PackedConv], tmp_path: Path) -> None:
    exact.save_weights(tmp_path / "resnet50.weights.h5")

    found = pack(load_backbone(tmp_path / "resnet50.weights.h5"))

    for name, conv in packed.items():
        np.testing.assert_array_equal(found[name].kernel, conv.kernel)
        np.testing.assert_array_equal(found[name].bias, conv.bias)


def test_an_artefacts_weights_can_be_trained_on(exact: Any, tmp_path: Path) -> None:
    packed = pack(exact)
    write_packed_weights(tmp_path / "weights.npz", packed)

    again = pack(load_backbone(tmp_path / "weights.npz"))

    for name, conv in packed.items():
        np.testing.assert_array_equal(again[name].kernel, conv.kernel)
        np.testing.assert_allclose(again[name].scale, conv.scale, rtol=1e-6)
        np.testing.assert_allclose(again[name].bias, conv.bias, rtol=1e-6)
