"""The shape of ResNet50 v1 (He et al. 2015, https://arxiv.org/abs/1512.03385) as Keras Applications builds it.

One description that the OpenVINO graph, the Keras engine and the training room share. Layer names are Keras' own.
"""

from collections.abc import Iterator
from dataclasses import dataclass

INPUT_PX = 224
FEATURES = 2048
MAP_SIDE = 7
MEAN_RGB = (123.68, 116.779, 103.939)  # keras.applications.resnet50.preprocess_input, mode "caffe"


@dataclass(frozen=True, slots=True)
class Block:
    """A bottleneck block; ``stride`` sits on its first 1×1 convolution (v1, not v1.5)."""

    name: str
    filters: int
    stride: int
    projects: bool


def blocks() -> Iterator[Block]:
    """The 16 bottleneck blocks in order."""
    for stage, (filters, count) in enumerate([(64, 3), (128, 4), (256, 6), (512, 3)], start=2):
        for number in range(1, count + 1):
            first = number == 1
            yield Block(f"conv{stage}_block{number}", filters, 2 if first and stage > 2 else 1, first)
