"""The GPU engine: the same networks in Keras, on TensorFlow, JAX or PyTorch. The only Keras import outside training.

No `.keras` file is ever read: a stored network is a name and plain arrays (docs/decisions/0016).
"""

import inspect
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from inference.engine.bfloat16 import diffused
from inference.look.policy import FINE_SCAN_SIZES, LARGE_SCAN_SIZES, SCAN_SIZES
from inference.model import efficientnet_lite2 as lite2
from inference.model.backbone import GPU_DEVICE, Features
from inference.model.network import ARRAYS, Network, PackedNetwork, StoredNetwork
from inference.model.resnet50 import MEAN_RGB, Block, blocks

CPU_BATCH_SIZES = (1, 2, 4, 8)
GPU_BATCH_SIZES = (1, 8, 32, 128)
BF16 = "mixed_bfloat16"


class KerasBackbone:
    """A network compiled by the Keras backend in use; bf16 on a GPU."""

    def __init__(self, network: Network) -> None:
        """Build, and compile each batch size by running it once."""
        gpu = sees_gpu()
        precision = BF16 if gpu and isinstance(network, PackedNetwork) else "float32"  # as in the CPU engine
        self.engine = f"keras {keras.backend.backend()} {precision}"
        self.scans = True
        self.batch_sizes = GPU_BATCH_SIZES if gpu else CPU_BATCH_SIZES
        self._model = build_model(network, precision)
        for size in self.batch_sizes:
            self.features(np.zeros((size, network.input_px, network.input_px, 3), np.uint8))
        if gpu:
            scans = (*SCAN_SIZES, *FINE_SCAN_SIZES, *LARGE_SCAN_SIZES)
            for sides in {size for short, long in scans for size in ((short, long), (long, short))}:
                self.features(np.zeros((1, *sides, 3), np.uint8))

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


def build_model(network: Network, precision: str) -> Any:
    """uint8 [N, H, W, 3] RGB, of any size → (features float32 [N, D], map float32 [N, h, w, D])."""
    bare = _packed(network, precision) if isinstance(network, PackedNetwork) else _stored(network)
    maps = keras.layers.Activation("linear", dtype="float32")(bare.output)
    model = keras.Model(bare.input, [keras.layers.GlobalAveragePooling2D(dtype="float32")(maps), maps])
    model.compile(jit_compile="auto")
    return model


def application(architecture: str, arguments: Mapping[str, float], input_px: int | None) -> Any:
    """A network of Keras Applications without its top and without weights, behind its own preprocessing of values.

    Args:
        architecture: a function of `keras.applications`, such as "MobileNet".
        arguments: what it is called with besides, such as {"alpha": 0.25}.
        input_px: side of the square that it takes; None: photos of any size.

    Returns:
        Model: uint8 [N, H, W, 3] RGB → map [N, h, w, D].

    Raises:
        ValueError: Keras has no such network.
        TypeError: it takes no such arguments.
    """
    make = getattr(keras.applications, architecture, None)
    if not inspect.isfunction(make):
        raise ValueError(f"keras.applications has no architecture {architecture!r}")
    core = make(include_top=False, weights=None, input_shape=(input_px, input_px, 3), **arguments)
    photos = keras.Input((input_px, input_px, 3), dtype="uint8", name="photos")
    values = sys.modules[make.__module__].preprocess_input(keras.ops.cast(photos, "float32"))
    return keras.Model(photos, core(values, training=False), name=architecture.lower())


def _stored(network: StoredNetwork) -> Any:
    if network.arrays is None:
        raise ValueError(f"there is no {ARRAYS}: only OpenVINO can run it")
    model = application(network.architecture, network.arguments, None)
    model.set_weights(_arrays(network.arrays))
    return model


def _arrays(path: Path) -> list[NDArray[np.float32]]:
    with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
        return [arrays[f"arr_{number}"] for number in range(len(arrays.files))]


def _packed(network: PackedNetwork, precision: str) -> Any:
    """With batch norm folded in."""
    photos = keras.Input((None, None, 3), dtype="uint8")
    node = _resnet50(photos, precision)
    if network.is_pair:
        node = keras.layers.Concatenate(dtype="float32")([node, _efficientnet_lite2(photos)])
    model = keras.Model(photos, node)
    for name, conv in network.weights.items():
        kernel, layer = conv.dequantise(), model.get_layer(name)
        if isinstance(layer, keras.layers.DepthwiseConv2D):
            kernel = kernel.transpose(0, 1, 3, 2)
        layer.set_weights([diffused(kernel) if layer.compute_dtype == "bfloat16" else kernel, conv.bias])
    return model


def _resnet50(photos: Any, precision: str) -> Any:
    values = keras.layers.Rescaling(1.0, offset=[-mean for mean in MEAN_RGB], dtype="float32")(photos)
    node = keras.layers.ZeroPadding2D(3)(values)
    node = _conv("conv1_conv", 64, 7, precision, stride=2, padding="valid", activation="relu")(node)
    node = keras.layers.MaxPooling2D(3, 2)(keras.layers.ZeroPadding2D(1)(node))
    for block in blocks():
        node = _bottleneck(node, block, precision)
    return node


def _bottleneck(node: Any, block: Block, precision: str) -> Any:
    def conv(number: int, filters: int, kernel: int = 1, stride: int = 1, *, relu: bool = False) -> Any:
        activation = "relu" if relu else None
        return _conv(f"{block.name}_{number}_conv", filters, kernel, precision, stride=stride, activation=activation)

    shortcut = conv(0, 4 * block.filters, stride=block.stride)(node) if block.projects else node
    inner = conv(1, block.filters, stride=block.stride, relu=True)(node)
    inner = conv(2, block.filters, 3, relu=True)(inner)
    added = keras.layers.Add(dtype=precision)([shortcut, conv(3, 4 * block.filters)(inner)])
    return keras.layers.ReLU(dtype=precision)(added)


def _conv(
    name: str,
    filters: int,
    kernel: int,
    precision: str,
    *,
    stride: int = 1,
    padding: str = "same",
    activation: str | None = None,
) -> Any:
    return keras.layers.Conv2D(filters, kernel, stride, padding, activation=activation, name=name, dtype=precision)


def _efficientnet_lite2(photos: Any) -> Any:
    """In float32 everywhere: rounding to bf16 adds up along depthwise convolutions (docs/decisions/0020)."""
    values = keras.layers.Rescaling(1.0, offset=-lite2.MEAN, dtype="float32")(photos)
    node = _conv(lite2.STEM, lite2.STEM_CHANNELS, 3, "float32", stride=2, activation="relu6")(values)
    for block in lite2.blocks():
        inner = node
        if block.expands:
            inner = _conv(f"{block.name}_expand", block.inner, 1, "float32", activation="relu6")(inner)
        depthwise = keras.layers.DepthwiseConv2D(
            block.kernel, block.stride, "same", activation="relu6", name=f"{block.name}_depthwise", dtype="float32"
        )
        inner = _conv(f"{block.name}_project", block.channels_out, 1, "float32")(depthwise(inner))
        node = keras.layers.Add(dtype="float32")([node, inner]) if block.adds else inner
    return _conv(lite2.TOP, lite2.FEATURES, 1, "float32", activation="relu6")(node)
