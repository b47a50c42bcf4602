"""From photos to features: what every engine offers, and the choice between engines."""

import importlib.util
import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from inference.model.artefact import BackboneArtefact, reading
from inference.settings import Engine

GPU_DEVICE = Path("/dev/nvidiactl")

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Features:
    """What a backbone sees in N photos.

    Attributes:
        vectors: float32 [N, D], the maps averaged over their positions.
        maps: float32 [N, h, w, D], or None where they were not asked for.
    """

    vectors: NDArray[np.float32]
    maps: NDArray[np.float32] | None


class Backbone(Protocol):
    """A loaded network without its top."""

    @property
    def engine(self) -> str:
        """Name and precision, "openvino f32"."""

    @property
    def batch_sizes(self) -> tuple[int, ...]:
        """The batch sizes that are compiled, ascending."""

    @property
    def scans(self) -> bool:
        """Whether it takes one photo of another size, too, whose sides are whole multiples of 32."""

    def features(self, batch: NDArray[np.uint8], *, maps: bool = False) -> Features:
        """Compute features of uint8 [N, H, W, 3], RGB, 0–255, of the network's size; N is one of ``batch_sizes``."""

    def close(self) -> None:
        """Free the network."""


class EngineUnavailable(Exception):
    """The engine asked for is not installed here."""


def open_backbone(artefact: BackboneArtefact, engine: Engine) -> Backbone:
    """Load a backbone into an engine; ``auto`` takes Keras where there is a GPU that it can use, else OpenVINO.

    Raises:
        EngineUnavailable: Keras is asked for and not installed.
        ArtefactError: the engine cannot build this network.
    """
    network = artefact.network()
    has_keras = importlib.util.find_spec("keras") is not None
    if engine is Engine.KERAS and not has_keras:
        raise EngineUnavailable("BREEDBOT_ENGINE=keras: Keras is not installed; pip install 'breedbot[gpu]'")
    if engine is Engine.KERAS or (engine is Engine.AUTO and has_keras and GPU_DEVICE.exists()):
        from inference.engine.keras import KerasBackbone, sees_gpu  # noqa: PLC0415 (serving on a CPU never imports Keras)

        if engine is Engine.KERAS or (network.in_keras and sees_gpu()):
            return reading(artefact.folder, lambda: KerasBackbone(network))
        lacks = "Keras was installed without what it needs: pip install 'breedbot[gpu]'"
        log.warning("there is a GPU, but %s", lacks if network.in_keras else f"{artefact.id} has nothing for Keras")
    from inference.engine.openvino import OpenVinoBackbone  # noqa: PLC0415 (a Keras worker never imports OpenVINO)

    return reading(artefact.folder, lambda: OpenVinoBackbone(network))
