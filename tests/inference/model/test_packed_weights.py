"""Weights are rounded to int8 once, by a known bound, and read back bit by bit."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from numpy.typing import NDArray

from inference.model import efficientnet_lite2
from inference.model.resnet50 import keras_params, kernel_shapes
from inference.model.weights import PackedConv, read_packed_weights, write_packed_weights

Float32 = NDArray[np.float32]
KERNELS = arrays(np.float32, array_shapes(min_dims=4, max_dims=4, max_side=4), elements=st.floats(-1e6, 1e6, width=32))


def random_conv(seed: int) -> PackedConv:
    rng = np.random.default_rng(seed)
    kernel = rng.normal(size=(3, 3, 5, 7)).astype(np.float32) * rng.gamma(1, size=7).astype(np.float32)
    return PackedConv.quantise(kernel, rng.normal(size=7).astype(np.float32))


@given(kernel=KERNELS)
@settings(max_examples=200)
def test_rounding_moves_no_weight_by_more_than_half_a_step_of_its_channel(kernel: Float32) -> None:
    packed = PackedConv.quantise(kernel, np.zeros(kernel.shape[-1], np.float32))

    largest = np.abs(kernel).max(axis=(0, 1, 2))
    error = np.abs(packed.dequantise().astype(np.float64) - kernel).max(axis=(0, 1, 2))
    assert (error <= largest / 127 / 2 * (1 + 1e-4) + 1e-30).all()
    assert np.abs(packed.kernel.astype(int)).max() <= 127
    assert np.isfinite(packed.scale).all()


@given(kernel=KERNELS)
@settings(max_examples=100)
def test_what_is_rounded_once_stays_as_it_is(kernel: Float32) -> None:
    once = PackedConv.quantise(kernel, np.zeros(kernel.shape[-1], np.float32))

    twice = PackedConv.quantise(once.dequantise(), once.bias)

    np.testing.assert_array_equal(twice.kernel, once.kernel)
    np.testing.assert_allclose(twice.scale, once.scale, rtol=1e-5)


def test_a_channel_of_zeros_stays_zero() -> None:
    kernel = np.ones((1, 1, 2, 2), np.float32)
    kernel[..., 1] = 0

    packed = PackedConv.quantise(kernel, np.zeros(2, np.float32))

    np.testing.assert_array_equal(packed.dequantise(), kernel)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_weights_of_a_diverged_training_are_refused(value: float) -> None:
    kernel = np.ones((1, 1, 2, 2), np.float32)
    kernel[0, 0, 1, 1] = value

    with pytest.raises(ValueError, match="not finite"):
        PackedConv.quantise(kernel, np.zeros(2, np.float32))
    with pytest.raises(ValueError, match="not finite"):
        PackedConv.quantise(np.ones((1, 1, 2, 2), np.float32), np.array([0, value], np.float32))


def test_a_file_reads_back_bit_by_bit_and_is_always_the_same(tmp_path: Path) -> None:
    convs = {f"layer{number}": random_conv(number) for number in range(3)}

    write_packed_weights(tmp_path / "one.npz", convs)
    write_packed_weights(tmp_path / "two.npz", convs)
    found = read_packed_weights(tmp_path / "one.npz")

    assert (tmp_path / "one.npz").read_bytes() == (tmp_path / "two.npz").read_bytes()
    assert list(found) == list(convs)
    for name, conv in convs.items():
        for part in PackedConv.__slots__:
            np.testing.assert_array_equal(getattr(found[name], part), getattr(conv, part))
            assert getattr(found[name], part).dtype == getattr(conv, part).dtype


@pytest.mark.parametrize("left_out", ["kernel", "scale", "bias"])
def test_a_file_without_a_part_is_refused(tmp_path: Path, left_out: str) -> None:
    conv = random_conv(1)
    parts = {f"layer/{part}": getattr(conv, part) for part in PackedConv.__slots__ if part != left_out}
    np.savez(tmp_path / "w.npz", allow_pickle=False, **parts)

    with pytest.raises(ValueError, match=f"layer/{left_out}"):
        read_packed_weights(tmp_path / "w.npz")


@pytest.mark.parametrize(
    ("kernel", "scale", "bias"),
    [
        (np.zeros((1, 1, 2, 3), np.float32), 3, 3),
        (np.zeros((1, 2, 3), np.int8), 3, 3),
        (np.zeros((1, 1, 2, 3), np.int8), 2, 3),
        (np.zeros((1, 1, 2, 3), np.int8), 3, 2),
    ],
)
def test_parts_that_do_not_fit_are_refused(kernel: NDArray[np.int8], scale: int, bias: int) -> None:
    with pytest.raises(ValueError, match="not a packed convolution"):
        PackedConv(kernel, np.ones(scale, np.float32), np.zeros(bias, np.float32))


def test_lite2_has_64_convolutions_and_the_published_number_of_weights() -> None:
    shapes = efficientnet_lite2.kernel_shapes()

    assert len(shapes) == 64
    assert efficientnet_lite2.params() == 6_092_072 - 1281 * 1000  # without its classifier


def test_resnet50_has_53_convolutions_and_the_published_number_of_weights() -> None:
    shapes = kernel_shapes()

    assert len(shapes) == 53
    assert keras_params() == 23_587_712  # keras.applications.ResNet50(include_top=False)
