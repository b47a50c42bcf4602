"""Kernels that bf16 holds."""

import numpy as np
import pytest
from numpy.typing import NDArray
from shipped_engines import drawn_pictures, shipped_head, shipped_network

from inference.engine.bfloat16 import diffused
from inference.engine.openvino_graph import build_graph, compile_graph, graphs_for_bf16, with_features

EIGHT_DIGITS = 2.0**-8  # between a number and its neighbour in bf16, at most, as a share of it


@pytest.fixture
def kernel() -> NDArray[np.float32]:
    return np.random.default_rng(1).normal(size=(3, 3, 16, 8)).astype(np.float32)


def test_every_weight_is_one_that_bf16_holds(kernel: NDArray[np.float32]) -> None:
    assert not (diffused(kernel).view(np.uint32) & 0xFFFF).any()


def test_a_weight_moves_little(kernel: NDArray[np.float32]) -> None:
    assert np.abs(diffused(kernel) - kernel).max() <= EIGHT_DIGITS * np.abs(kernel).max()


def test_sums_stay_while_rounding_each_alone_moves_them(kernel: NDArray[np.float32]) -> None:
    kernel = np.abs(kernel) + np.float32(1 + EIGHT_DIGITS / 4)  # all between two numbers, and nearer to the lower one
    error = np.abs((diffused(kernel) - kernel).sum((0, 1, 2)))

    assert error.max() <= EIGHT_DIGITS * np.abs(kernel).max()


def test_what_bf16_holds_already_stays() -> None:
    kernel = np.random.default_rng(1).integers(-127, 128, (1, 1, 64, 8)).astype(np.float32) / np.float32(64)

    assert np.array_equal(diffused(kernel), kernel)


def test_the_kernel_that_is_given_is_not_changed(kernel: NDArray[np.float32]) -> None:
    before = kernel.copy()
    diffused(kernel)

    assert np.array_equal(kernel, before)


def test_numbers_half_way_go_to_the_even_neighbour() -> None:
    kernel = np.array([1 + EIGHT_DIGITS, 1 + 3 * EIGHT_DIGITS], np.float32).reshape(1, 1, 1, 2)

    assert diffused(kernel).ravel().tolist() == [1.0, 1 + 4 * EIGHT_DIGITS]


@pytest.mark.slow
def test_a_graph_for_bf16_says_the_same_where_it_is_computed_in_float32() -> None:
    answers = []
    for graphs in ([build_graph(shipped_network())], graphs_for_bf16(shipped_network())):
        compiled = [compile_graph(with_features(graph)) for graph in graphs]
        features = np.concatenate([graph([drawn_pictures(4)])["features"] for graph in compiled], axis=1)
        answers.append(shipped_head().probabilities(features))

    assert np.abs(answers[0] - answers[1]).max() < 0.01
