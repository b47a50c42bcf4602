"""A network of Keras Applications as the files that the serving engines build it from: any other than ResNet50."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inference.engine.keras import application
from inference.engine.no_telemetry import refuse_telemetry
from inference.model.network import ARRAYS, GRAPH


def write_application(
    folder: Path, architecture: str, weights: Sequence[NDArray[np.float32]], input_px: int, **arguments: float
) -> dict[str, Any]:
    """Put a network into a backbone's folder.

    Args:
        folder: holds no network yet.
        architecture: a function of `keras.applications`, such as "VGG16".
        weights: as `get_weights` of what that makes without its top, with the same arguments.
        input_px: side of the square that it takes.
        arguments: what it was called with besides.

    Returns:
        What `fill_backbone` says of it in the manifest.

    Raises:
        ValueError: no such architecture, or not its weights.
    """
    model = application(architecture, arguments, input_px)
    model.set_weights(weights)
    graph = folder / GRAPH[0]
    graph.parent.mkdir()
    refuse_telemetry()  # Keras imports OpenVINO now
    model.export(str(graph), format="openvino", verbose=False)
    np.savez(folder / ARRAYS, *weights, allow_pickle=False)
    return {"architecture": architecture, "arguments": arguments}
