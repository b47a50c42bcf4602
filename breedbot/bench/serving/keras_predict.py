"""What the serving path is measured against: the same network in plain Keras, `predict` photo by photo."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from inference.model.artefact import BackboneArtefact


def keras_predict(backbone: BackboneArtefact) -> Callable[[NDArray[np.uint8]], object] | None:
    """A function of prepared photos uint8 [N, H, W, 3]; None where Keras or its backend is not installed."""
    try:
        from inference.engine.keras import build_model  # noqa: PLC0415 (slow to import)
    except ImportError:
        return None
    network = build_model(backbone.network(), "float32")
    return lambda photos: network.predict(photos, verbose=0)
