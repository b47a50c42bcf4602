"""ResNet50 between Keras and the packed weights of the serving engines."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import keras
import numpy as np

from inference.model.resnet50 import INPUT_PX
from inference.model.weights import PackedConv, read_packed_weights


def load_backbone(weights: Path | None, dtype: str = "float32", input_px: int = INPUT_PX) -> Any:
    """ResNet50 without its top.

    Args:
        weights: a Keras weights file, or ``weights.npz`` of a backbone's artefact; None downloads Keras' own ImageNet
            weights (94 MB, checksummed).
        dtype: Keras' dtype policy; "mixed_bfloat16" trains twice as fast on a CPU that computes in bf16.
        input_px: side of the photos.
    """
    shape = (input_px, input_px, 3)
    usual = keras.config.dtype_policy()
    keras.config.set_dtype_policy(dtype)
    try:
        if weights is None:
            return keras.applications.ResNet50(weights="imagenet", include_top=False, input_shape=shape)
        model = keras.applications.ResNet50(weights=None, include_top=False, input_shape=shape)
        if weights.suffix == ".npz":
            unpack(read_packed_weights(weights), model)
        else:
            model.load_weights(weights)
        return model
    finally:
        keras.config.set_dtype_policy(usual)


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


def unpack(packed: Mapping[str, PackedConv], model: Any) -> None:
    """The inverse of `pack`: batch norm becomes the identity."""
    for name, conv in packed.items():
        kernel = conv.dequantise()
        model.get_layer(name).set_weights([kernel[:, :, ::-1] if name == "conv1_conv" else kernel, conv.bias])
        norm = model.get_layer(name.removesuffix("_conv") + "_bn")
        count = len(conv.bias)
        norm.set_weights([np.ones(count), np.zeros(count), np.zeros(count), np.full(count, 1 - norm.epsilon)])
