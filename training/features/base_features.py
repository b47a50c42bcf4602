"""Features of photos behind one of the study's frozen bases, through the fastest engine that has it.

ResNet50 runs in the serving engines, where the shipped model's features come from too; the other bases in Keras.
Nothing is loaded before a feature is missing from the cache.
"""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from inference.model.artefact import sha256
from inference.model.backbone import Backbone
from inference.model.network import PackedNetwork
from inference.photo.decode import decode
from inference.photo.preprocess import Preprocessing
from training.default.keras_backbone import pack
from training.features.extractor import Extractor
from training.networks import Join, KerasExtractor, WeightsError, base
from training.pictures.image_steps import ImageSteps

Weights = Literal["imagenet"] | Path | None


def base_extractor(
    network: str, join: Join, weights: Weights, preprocessing: Preprocessing, steps: ImageSteps, seed: int
) -> Extractor:
    """The way from a photo to a base's features.

    Args:
        network: one of ``training.networks.BASES``.
        join: how its maps become features.
        weights: official download, a file, or None for random ones.
        preprocessing: the last step, to the base's input.
        steps: before that, on the whole photo.
        seed: of random weights.

    Raises:
        NetworkError: an unknown base, or weights that cannot be had.
    """
    if network == "resnet50":
        return ServedResNet50(join, weights, preprocessing, steps, seed)
    return KerasExtractor(seeded_base(network, weights, preprocessing.input_px, seed), join, preprocessing, steps)


def seeded_base(network: str, weights: Weights, input_px: int, seed: int) -> Any:
    """A base whose random weights, if it shall have such, are the same each time."""
    import keras  # noqa: PLC0415 (slow to import)

    if weights is None:
        keras.utils.set_random_seed(seed)
    return base(network, weights, input_px)


def weights_name(weights: Weights, seed: int) -> str:
    """What tells weights apart: "imagenet", which Keras checks itself; a file's SHA-256; or "random 1".

    Raises:
        WeightsError: no such file.
    """
    if isinstance(weights, Path):
        if not weights.is_file():
            raise WeightsError(f"{weights}: no such file; expected Keras weights of a base without its top")
        return sha256(weights)
    return weights or f"random {seed}"


class ServedResNet50:
    """ResNet50 in a serving engine: OpenVINO, or Keras where there is a GPU that it can use."""

    def __init__(
        self, join: Join, weights: Weights, preprocessing: Preprocessing, steps: ImageSteps, seed: int
    ) -> None:
        """Name what will be computed; the network is loaded with the first batch."""
        told = f"{weights_name(weights, seed)} {preprocessing.to_dict()} {steps}"
        self.id = f"resnet50-{join}-served-{hashlib.sha256(told.encode()).hexdigest()[:12]}"
        self.prepare = prepare(preprocessing, steps)
        self._maps = join == "flatten"
        self._load: Callable[[], Backbone] = lambda: _open(weights, preprocessing.input_px, seed)
        self._backbone: Backbone | None = None

    @property
    def batch_size(self) -> int:
        """The largest batch that the engine has compiled; raises WeightsError."""
        return self._engine().batch_sizes[-1]

    def __call__(self, batch: NDArray[np.uint8], /) -> NDArray[np.float32]:
        """uint8 [N, H, W, 3] → float32 [N, D]."""
        features = self._engine().features(batch, maps=self._maps)
        return features.vectors if features.maps is None else features.maps.reshape(len(batch), -1)

    def _engine(self) -> Backbone:
        if self._backbone is None:
            self._backbone = self._load()
        return self._backbone


def prepare(preprocessing: Preprocessing, steps: ImageSteps) -> Callable[[bytes], NDArray[np.uint8]]:
    """A photo file's bytes → network input; without steps the very way of serving."""
    return preprocessing.decode if not steps.names else lambda data: preprocessing(steps(decode(data)))


def _open(weights: Weights, input_px: int, seed: int) -> Backbone:
    from inference.engine.keras import KerasBackbone, sees_gpu  # noqa: PLC0415 (slow to import)
    from inference.engine.openvino import OpenVinoBackbone  # noqa: PLC0415 (not where there is a GPU)

    packed = PackedNetwork(pack(seeded_base("resnet50", weights, input_px, seed).get_layer("resnet50")), input_px)
    return KerasBackbone(packed) if sees_gpu() else OpenVinoBackbone(packed)
