"""ResNet50 between Keras and the packed weights of the serving engines."""

from pathlib import Path
from typing import Any

import keras
import numpy as np

from inference.model.resnet50 import INPUT_PX
from inference.model.weights import PackedConv


def load_backbone(weights: Path | None) -> Any:
    """ResNet50 without its top.

    Args:
        weights: a Keras weights file; None downloads Keras' own ImageNet weights (94 MB, checksummed).
    """
    shape = (INPUT_PX, INPUT_PX, 3)
    if weights is None:
        return keras.applications.ResNet50(weights="imagenet", include_top=False, input_shape=shape)
    model = keras.applications.ResNet50(weights=None, include_top=False, input_shape=shape)
    model.load_weights(weights)
    return model


def pack(model: Any) -> dict[str, PackedConv]:
    """Fold batch norm into the convolutions, turn Keras' BGR order into RGB, round to int8 per output channel."""
    packed = {}
    for layer in model.layers:
        if not layer.name.endswith("_conv"):
            continue
        kernel, bias = (np.asarray(weight) for weight in layer.get_weights())
        norm = model.get_layer(layer.name.removesuffix("_conv") + "_bn")
        gamma, beta, mean, variance = (np.asarray(weight) for weight in norm.get_weights())
        factor = gamma / np.sqrt(variance + norm.epsilon)
        if layer.name == "conv1_conv":
            kernel = kernel[:, :, ::-1]
        packed[layer.name] = PackedConv.quantise(kernel * factor, (bias - mean) * factor + beta)
    return packed
