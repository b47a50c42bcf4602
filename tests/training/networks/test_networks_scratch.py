"""The network from scratch is the study's, layer by layer and to the last parameter."""

import keras
import numpy as np
import pytest

from training.networks import build_scratch, count_params

pytestmark = pytest.mark.keras

TABLE = {  # ../shared/REFERENCE.md: layer, output, parameters
    "conv1": ((297, 297, 32), 896),
    "pool1": ((148, 148, 32), 0),
    "conv2": ((146, 146, 64), 18_496),
    "pool2": ((73, 73, 64), 0),
    "conv3": ((71, 71, 128), 73_856),
    "pool3": ((35, 35, 128), 0),
    "flatten": ((156_800,), 0),
    "dense1": ((128,), 20_070_528),
    "dense2": ((64,), 8_256),
    "dense3": ((32,), 2_080),
    "breeds": ((5,), 165),
}


def test_every_layer_is_as_the_studys_table_says() -> None:
    model = build_scratch()

    found = {name: model.get_layer(name) for name in TABLE}
    assert {name: (layer.output.shape[1:], layer.count_params()) for name, layer in found.items()} == TABLE
    assert count_params(model) == (20_174_277, 20_174_277, 0)
    assert [layer.rate for layer in model.layers if isinstance(layer, keras.layers.Dropout)] == [0.5, 0.5]


@pytest.mark.parametrize(("dense", "dropouts"), [((), 0), ((128,), 0), ((128, 64), 1), ((128, 64, 32), 2)])
def test_the_last_dense_layer_has_no_dropout_behind_it(dense: tuple[int, ...], dropouts: int) -> None:
    model = build_scratch(7, 40, dense)

    assert sum(isinstance(layer, keras.layers.Dropout) for layer in model.layers) == dropouts
    assert model.output.shape == (None, 7)


@pytest.mark.parametrize("input_px", [1, 21])
def test_a_picture_that_three_poolings_use_up_is_refused(input_px: int) -> None:
    with pytest.raises(ValueError, match=f"input_px={input_px}: the network from scratch needs at least 22"):
        build_scratch(input_px=input_px)


def test_the_smallest_picture_works() -> None:
    probabilities = build_scratch(3, 22, (8,))(np.zeros((2, 22, 22, 3), np.uint8))

    np.testing.assert_allclose(np.asarray(probabilities).sum(axis=1), 1, rtol=1e-5)


def test_a_few_steps_on_colours_lower_the_loss() -> None:
    keras.utils.set_random_seed(1)
    labels = np.arange(30) % 3
    noise = np.random.default_rng(1).integers(0, 60, (30, 24, 24, 3))
    photos = (noise + 150 * np.eye(3, dtype=int)[labels][:, None, None]).astype(np.uint8)
    model = build_scratch(3, 24, (16,), dropout=0)
    model.compile("adam", "sparse_categorical_crossentropy")

    losses = model.fit(photos, labels, epochs=6, batch_size=10, verbose=0).history["loss"]

    assert losses[-1] < 0.8 * losses[0]
