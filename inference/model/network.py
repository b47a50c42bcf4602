"""What an engine builds: photos in, a map of features out. A backbone holds it in one of two forms.

Either takes uint8 [N, input_px, input_px, 3], RGB, 0–255: what an architecture does to the values is part of it. The
features are the mean of the map over its positions, so a heat map is exact whatever the network.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from inference.model import efficientnet_lite2, resnet50
from inference.model.weights import PackedConv

WEIGHTS = "weights.npz"
GRAPH = ("openvino/backbone.xml", "openvino/backbone.bin")
ARRAYS = "keras.npz"


@dataclass(frozen=True, slots=True)
class PackedNetwork:
    """ResNet50, alone or beside EfficientNet-Lite2, in one small file, from which both engines build it.

    The two see the same photo, and the map holds the channels of both (docs/decisions/0020-two-networks.md).

    Attributes:
        weights: every convolution by its layer name: those of the one network or of both, no less and no more.
        input_px: any size; the map has a 32nd of it.
    """

    weights: Mapping[str, PackedConv]
    input_px: int

    def __post_init__(self) -> None:
        """Refuse the weights of another network."""
        found = {name: conv.kernel.shape for name, conv in self.weights.items()}
        expected = resnet50.kernel_shapes() | (efficientnet_lite2.kernel_shapes() if self.is_pair else {})
        if wrong := sorted({name for name, _ in found.items() ^ expected.items()}):
            raise ValueError(
                f"{WEIGHTS} is not {self.architecture}: {', '.join(wrong[:3])} missing, unknown or misshapen"
            )

    @property
    def is_pair(self) -> bool:
        """Whether EfficientNet-Lite2 is there, too."""
        return efficientnet_lite2.STEM in self.weights

    @property
    def architecture(self) -> str:
        """As the manifest and the backbone's id have it."""
        return "resnet50-lite2" if self.is_pair else "resnet50"

    @property
    def in_keras(self) -> bool:
        """Whether the Keras engine can build it, too."""
        return True


@dataclass(frozen=True, slots=True)
class StoredNetwork:
    """Any other network: a graph for OpenVINO; for Keras, if it shall run there, an architecture's name and its arrays.

    Attributes:
        graph: OpenVINO's `.xml`, beside its `.bin`: one input, and the map float32 [N, h, w, D] as its first output.
        input_px: side of the square that it takes.
        architecture: a function of `keras.applications`, such as "MobileNet".
        arguments: what that is called with besides, such as {"alpha": 0.25}.
        arrays: npz with the arrays of Keras' `set_weights` in order; None: there is only the graph.
    """

    graph: Path
    input_px: int
    architecture: str
    arguments: Mapping[str, float]
    arrays: Path | None

    @property
    def in_keras(self) -> bool:
        """Whether the Keras engine can build it, too."""
        return self.arrays is not None


Network = PackedNetwork | StoredNetwork
