"""The GPU engine: the same network in Keras, on TensorFlow, JAX or PyTorch. The only Keras import outside training."""

from collections.abc import Mapping
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from inference.engine.bfloat16 import diffused
from inference.model.backbone import GPU_DEVICE, Features
from inference.model.resnet50 import INPUT_PX, MEAN_RGB, Block, blocks
from inference.model.weights import PackedConv

CPU_BATCH_SIZES = (1, 2, 4, 8)
GPU_BATCH_SIZES = (1, 8, 32, 128)
BF16 = "mixed_bfloat16"


class KerasBackbone:
    """ResNet50 compiled by the Keras backend in use; bf16 on a GPU."""

    def __init__(self, weights: Mapping[str, PackedConv]) -> None:
        """Build, and compile each batch size by running it once."""
        gpu = sees_gpu()
        precision = BF16 if gpu else "float32"
        self.engine = f"keras {keras.backend.backend()} {precision}"
        self.batch_sizes = GPU_BATCH_SIZES if gpu else CPU_BATCH_SIZES
        self._model = build_model(weights, precision)
        for size in self.batch_sizes:
            self.features(np.zeros((size, INPUT_PX, INPUT_PX, 3), np.uint8))

    def features(self, batch: NDArray[np.uint8], *, maps: bool = False) -> Features:
        """See ``Backbone.features``."""
        vectors, positions = self._model.predict_on_batch(batch)
        return Features(np.asarray(vectors, np.float32), np.asarray(positions, np.float32) if maps else None)

    def close(self) -> None:
        """Free the network."""
        del self._model


def sees_gpu() -> bool:
    """Whether Keras can compute on a GPU; plain TensorFlow without CUDA's libraries cannot, GPU or not."""
    if keras.backend.backend() == "torch":  # Keras cannot list PyTorch's devices
        return GPU_DEVICE.exists()
    try:
        return bool(keras.distribution.list_devices("gpu"))
    except RuntimeError:  # how JAX says none
        return False


def build_model(weights: Mapping[str, PackedConv], precision: str) -> Any:
    """ResNet50 with batch norm folded in: uint8 [N, 224, 224, 3] RGB → (features [N, 2048], map [N, 7, 7, 2048])."""
    photos = keras.Input((INPUT_PX, INPUT_PX, 3), dtype="uint8")
    values = keras.layers.Rescaling(1.0, offset=[-mean for mean in MEAN_RGB], dtype="float32")(photos)
    node = keras.layers.ZeroPadding2D(3)(values)
    node = _conv("conv1_conv", 64, 7, precision, stride=2, padding="valid", relu=True)(node)
    node = keras.layers.MaxPooling2D(3, 2)(keras.layers.ZeroPadding2D(1)(node))
    for block in blocks():
        node = _bottleneck(node, block, precision)
    maps = keras.layers.Activation("linear", dtype="float32")(node)
    model = keras.Model(photos, [keras.layers.GlobalAveragePooling2D(dtype="float32")(maps), maps])
    for name, conv in weights.items():
        kernel = conv.dequantise()
        model.get_layer(name).set_weights([diffused(kernel) if precision == BF16 else kernel, conv.bias])
    model.compile(jit_compile="auto")
    return model


def _bottleneck(node: Any, block: Block, precision: str) -> Any:
    def conv(number: int, filters: int, kernel: int = 1, stride: int = 1, *, relu: bool = False) -> Any:
        return _conv(f"{block.name}_{number}_conv", filters, kernel, precision, stride=stride, relu=relu)

    shortcut = conv(0, 4 * block.filters, stride=block.stride)(node) if block.projects else node
    inner = conv(1, block.filters, stride=block.stride, relu=True)(node)
    inner = conv(2, block.filters, 3, relu=True)(inner)
    added = keras.layers.Add(dtype=precision)([shortcut, conv(3, 4 * block.filters)(inner)])
    return keras.layers.ReLU(dtype=precision)(added)


def _conv(
    name: str, filters: int, kernel: int, precision: str, *, stride: int, padding: str = "same", relu: bool = False
) -> Any:
    activation = "relu" if relu else None
    return keras.layers.Conv2D(filters, kernel, stride, padding, activation=activation, name=name, dtype=precision)
