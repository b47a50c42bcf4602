"""Two networks in one: both engines build the same map, at any size, and each network's part is what it is alone."""

import numpy as np
import pytest
from made_models import random_pair
from numpy.typing import NDArray

from inference.engine.keras import build_model
from inference.engine.openvino import OpenVinoBackbone
from inference.engine.openvino_graph import compile_graph, graphs_for_bf16, with_features
from inference.model import efficientnet_lite2, resnet50
from inference.model.network import PackedNetwork
from inference.model.self_check import drawn_picture

pytestmark = [pytest.mark.keras, pytest.mark.slow]

Maps = NDArray[np.float32]


def alone(pair: PackedNetwork) -> PackedNetwork:
    return PackedNetwork({name: pair.weights[name] for name in resnet50.kernel_shapes()}, pair.input_px)


def pictures(side_px: int) -> NDArray[np.uint8]:
    """The drawn picture, and noise up to the rim, where padding shows."""
    noise = np.random.default_rng(1).integers(0, 256, (side_px, side_px, 3), np.uint8)
    return np.stack([drawn_picture(side_px), noise])


def maps_of(network: PackedNetwork) -> Maps:
    backbone = OpenVinoBackbone(network)
    maps = backbone.features(pictures(network.input_px), maps=True).maps
    backbone.close()
    assert maps is not None
    return maps


@pytest.mark.parametrize("side_px", [224, 150])
def test_engines_build_the_same_map(side_px: int) -> None:
    pair = random_pair(side_px)

    fast = maps_of(pair)
    vectors, exact = map(np.asarray, build_model(pair, "float32").predict_on_batch(pictures(side_px)))

    cells = -(-side_px // 32)
    assert fast.shape == exact.shape == (2, cells, cells, resnet50.FEATURES + efficientnet_lite2.FEATURES)
    for part in (fast[..., : resnet50.FEATURES], fast[..., resnet50.FEATURES :]):
        assert float((part > 0).mean()) > 0.05, "a dead network would prove nothing"
    assert np.linalg.norm(fast - exact) / np.linalg.norm(exact) < 0.02
    np.testing.assert_allclose(vectors, exact.mean(axis=(1, 2)), rtol=1e-4, atol=1e-4)


def test_resnet50_sees_beside_the_other_what_it_sees_alone() -> None:
    pair = random_pair(224)

    np.testing.assert_allclose(
        maps_of(pair)[..., : resnet50.FEATURES], maps_of(alone(pair)), rtol=1e-3, atol=1e-3 * float(maps_of(pair).max())
    )


def test_a_cpu_that_computes_in_bf16_gets_a_graph_for_each() -> None:
    rounded, exact = (compile_graph(with_features(graph)) for graph in graphs_for_bf16(random_pair(64)))

    assert [graph([pictures(64)])["map"].shape[-1] for graph in (rounded, exact)] == [2048, 1280]
    assert len(graphs_for_bf16(alone(random_pair(64)))) == 1


def test_half_of_a_second_network_is_refused() -> None:
    pair = random_pair(64)
    weights = {name: conv for name, conv in pair.weights.items() if name != efficientnet_lite2.TOP}

    with pytest.raises(ValueError, match="is not resnet50-lite2: lite2_top missing"):
        PackedNetwork(weights, 64)
