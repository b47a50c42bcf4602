"""ResNet50 with random weights and live batch norm: what an official download has, without the download."""

from typing import Any

import keras
import numpy as np


def random_resnet50(seed: int, *, on_int8_grid: bool) -> Any:
    """A Keras model whose batch norm statistics are far from "do nothing".

    Args:
        seed: of everything.
        on_int8_grid: kernels are whole multiples of a step a channel, the largest ±127 of them, so that packing to int8
            loses nothing and whatever differs afterwards is a mistake.
    """
    rng = np.random.default_rng(seed)
    model = keras.applications.ResNet50(weights=None, include_top=False, input_shape=(224, 224, 3))
    for layer in model.layers:
        if layer.name.endswith("_conv"):
            layer.set_weights(_convolution(rng, layer.kernel.shape, on_int8_grid=on_int8_grid))
        if layer.name.endswith("_bn"):
            layer.set_weights(_batch_norm(rng, layer.gamma.shape[0], last_of_block=layer.name.endswith("_3_bn")))
    return model


def _convolution(rng: np.random.Generator, shape: tuple[int, ...], *, on_int8_grid: bool) -> list[Any]:
    spread = np.sqrt(2 / np.prod(shape[:3])) * rng.uniform(0.5, 1.5, shape[-1])
    kernel = rng.normal(size=shape) * spread
    if on_int8_grid:
        step = np.abs(kernel).max(axis=(0, 1, 2)) / 127
        kernel = np.rint(kernel / step) * step
    return [kernel.astype(np.float32), rng.normal(scale=0.1, size=shape[-1]).astype(np.float32)]


def _batch_norm(rng: np.random.Generator, channels: int, *, last_of_block: bool) -> list[Any]:
    sign = rng.choice([-1, 1], channels)
    gamma = sign * rng.uniform(0.5, 1.5, channels) * (0.4 if last_of_block else 1)
    beta, mean = rng.normal(scale=0.3, size=channels), rng.normal(scale=0.3, size=channels)
    return [values.astype(np.float32) for values in (gamma, beta, mean, rng.uniform(0.3, 3, channels))]
