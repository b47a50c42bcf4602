"""A frozen base as `training.features.extractor.Extractor`: its features are computed once and kept for every run."""

import hashlib
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from inference.photo.decode import decode
from inference.photo.preprocess import Preprocessing
from training.networks.heads import Join, features_network
from training.pictures.image_steps import ImageSteps


class KerasExtractor:
    """A base with its join and the way from a photo to its input."""

    def __init__(
        self,
        base: Any,
        join: Join,
        preprocessing: Preprocessing | None = None,
        steps: ImageSteps | None = None,
        *,
        batch_size: int = 32,
    ) -> None:
        """Name what is computed.

        Args:
            base: from `training.networks.base`.
            join: how its maps become features.
            preprocessing: the last step, to the base's input; default: the shipped model's rule.
            steps: before that, on the whole photo.
            batch_size: photos a call.

        Raises:
            ValueError: the preprocessing makes pictures that the base does not take.
        """
        input_px = base.input.shape[1]
        self.preprocessing = preprocessing or Preprocessing(input_px, round(input_px * 256 / 224))
        if self.preprocessing.input_px != input_px:
            raise ValueError(f"input_px={self.preprocessing.input_px}: {base.name} takes {input_px}")
        self.steps = steps or ImageSteps()
        self.batch_size = batch_size
        self._network = features_network(base, join)
        told = f"{self.preprocessing.to_dict()} {self.steps}".encode()
        self.id = f"{base.name}-{join}-{_digest(base, told)[:12]}".replace("_", "-")

    def prepare(self, data: bytes, /) -> NDArray[np.uint8]:
        """A photo file's bytes → uint8 [input_px, input_px, 3]; raises PhotoError."""
        if not self.steps.names:
            return self.preprocessing.decode(data)
        return self.preprocessing(self.steps(decode(data)))

    def __call__(self, batch: NDArray[np.uint8], /) -> NDArray[np.float32]:
        """uint8 [batch_size, input_px, input_px, 3] → float32 [batch_size, D]."""
        return np.asarray(self._network.predict_on_batch(batch), np.float32)


def _digest(base: Any, told: bytes) -> str:
    # bf16 gives other numbers than float32, if only in the third digit.
    digest = hashlib.sha256(told + keras.config.dtype_policy().name.encode())
    for weights in base.get_weights():
        digest.update(weights.tobytes())
    return digest.hexdigest()
