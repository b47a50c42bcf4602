"""The frozen bases of the study: Keras Applications without their tops, each behind its own preprocessing."""

from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any, Final, Literal

import keras

from training.networks.weights import UnknownNetwork, official_weights, weights_of_file

_APPLICATIONS: Final[Mapping[str, tuple[str, ModuleType]]] = {
    "resnet50": ("ResNet50", keras.applications.resnet50),
    "vgg16": ("VGG16", keras.applications.vgg16),
    "vgg19": ("VGG19", keras.applications.vgg19),
    "xception": ("Xception", keras.applications.xception),
}
BASES: Final = frozenset(_APPLICATIONS)
SMALLEST_PX: Final = {"resnet50": 32, "vgg16": 32, "vgg19": 32, "xception": 71}  # as Keras Applications document


def base(name: str, weights: Literal["imagenet"] | Path | None, input_px: int = 224) -> Any:
    """A base without its top, frozen: batch norm keeps its statistics, too.

    Args:
        name: one of BASES.
        weights: Keras' official download (checksummed, kept in ~/.keras), a weights file of the same base without its
            top, or None for random weights, which are enough to count parameters.
        input_px: side of the square it takes; the study has 224 for all of them.

    Returns:
        Model: uint8 [N, input_px, input_px, 3], RGB, 0–255 → maps [N, h, w, channels]; the base's `preprocess_input`
        is part of it.

    Raises:
        UnknownNetwork: no such base, or the input is too small for it.
        WeightsError: the download or the file does not give its weights.
    """
    core = _core(name, weights, input_px)
    core.trainable = False
    photos = keras.Input((input_px, input_px, 3), dtype="uint8", name="photos")
    values = _APPLICATIONS[name][1].preprocess_input(keras.ops.cast(photos, "float32"))
    model = keras.Model(photos, core(values, training=False), name=f"{name}_base")
    model.trainable = False
    return model


def _core(name: str, weights: Literal["imagenet"] | Path | None, input_px: int) -> Any:
    if name not in _APPLICATIONS:
        raise UnknownNetwork(f"unknown base {name!r}; there are: {', '.join(sorted(BASES))}")
    if input_px < SMALLEST_PX[name]:
        raise UnknownNetwork(f"input_px={input_px}: {name} needs at least {SMALLEST_PX[name]}")
    builder = getattr(_APPLICATIONS[name][1], _APPLICATIONS[name][0])
    options = {"include_top": False, "input_shape": (input_px, input_px, 3), "name": name}
    if weights == "imagenet":
        return official_weights(name, lambda: builder(weights="imagenet", **options))
    core = builder(weights=None, **options)
    if weights is not None:
        weights_of_file(core, name, weights)
    return core
